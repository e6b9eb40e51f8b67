"""An experiment draws what is given, then measures what its subject makes of it; its fields are its parameters."""

from __future__ import annotations

import ast
import dataclasses
import functools
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlverify.lab.subjects import Subject, SubjectError, check_outcome_allowed

if TYPE_CHECKING:
    from dlverify.lab.conditions import Lab
    from dlverify.quantity import Quantity


class ExperimentError(ValueError):
    """A field that an experiment does not have, or a value that the field cannot take."""


@dataclass(frozen=True)
class Experiment:
    """Base of all experiments: frozen dataclasses with `draw` and `measure`.

    A subclass declares its parameters as fields with plain values: numbers, strings, `Literal` choices, tuples and
    `Subject`s (a text `module:Name(argument=literal)` becomes one). It reads them all.

    Attributes:
        dtypes: The floating dtypes in which the experiment makes sense, its own default first.
        second_derivatives: Whether it takes them through its subjects, which what torch.compile makes does not have.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    second_derivatives: ClassVar[bool] = False

    def draw(self, lab: Lab) -> Any:
        """What is given: inputs, initial weights, batches, as float64 arrays that the lab's dtype represents."""
        raise NotImplementedError

    def measure(self, lab: Lab, given: Any) -> Quantity:
        """What the subject makes of it. A statistical experiment returns one row for each of `lab.members`."""
        raise NotImplementedError

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Let no theory call `measure`, and no field hide a method.

        Raises:
            ExperimentError: A field has the name of a method.
        """
        super().__init_subclass__(**keywords)
        hidden = {"draw", "measure", "changed", "parsed", "subjects"} & set(cls.__dict__.get("__annotations__", {}))
        if hidden:
            raise ExperimentError(
                f"{cls.__name__} has the field {hidden.pop()!r}, which is a method; name it otherwise"
            )
        if "measure" in cls.__dict__:
            measure = cls.__dict__["measure"]

            @functools.wraps(measure)
            def guarded(self: Experiment, lab: Lab, given: Any) -> Quantity:
                check_outcome_allowed(f"called {type(self).__name__}.measure")
                return typing.cast("Quantity", measure(self, lab, given))

            cls.measure = guarded  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        """Bring each field to its declared type."""
        for name, kind in fields(type(self)).items():
            object.__setattr__(self, name, _coerced(type(self), name, kind, getattr(self, name)))

    def changed(self, **changes: Any) -> Experiment:
        """The same experiment with some fields changed.

        Raises:
            ExperimentError: A field does not exist or cannot take the value.
        """
        known = fields(type(self))
        for name in changes:
            if name not in known:
                raise ExperimentError(
                    f"{type(self).__name__} has no field {name!r}; its fields are {', '.join(known) or 'none'}"
                )
        return dataclasses.replace(self, **changes)

    def parsed(self, **texts: str) -> Experiment:
        """The same experiment with fields given as texts, as on a command line.

        Raises:
            ExperimentError: A field does not exist or cannot take the value.
        """
        known = fields(type(self))
        return self.changed(
            **{name: _read(known[name], text) if name in known else text for name, text in texts.items()}
        )

    @property
    def subjects(self) -> dict[str, Subject]:
        """The fields that hold a subject."""
        return {name: getattr(self, name) for name, kind in fields(type(self)).items() if kind is Subject}


def fields(kind: type) -> dict[str, Any]:
    """The parameters of an experiment class with their declared types."""
    return _fields(typing.cast("Any", kind))


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read(kind: Any, text: str) -> Any:
    if kind is str or kind is Subject or (typing.get_origin(kind) is Literal and text in typing.get_args(kind)):
        return text
    try:
        if kind is float:
            return float(text)  # "inf" too, which is no literal
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _coerced(owner: type[Experiment], name: str, kind: Any, value: Any) -> Any:
    where = f"{owner.__name__}.{name}"
    if kind is Subject:
        try:
            return value if isinstance(value, Subject) else Subject.parse(str(value))
        except SubjectError as error:
            raise ExperimentError(f"{where}: {error}") from None
    if typing.get_origin(kind) is Literal:
        if value not in typing.get_args(kind):
            allowed = ", ".join(repr(choice) for choice in typing.get_args(kind))
            raise ExperimentError(f"{where} cannot be {value!r}; it is one of {allowed}")
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    plain = {int: int, float: float, bool: bool, str: str}.get(kind)
    if plain is not None and (not isinstance(value, plain) or (plain is int and isinstance(value, bool))):
        raise ExperimentError(f"{where} cannot be {value!r}; it is of type {plain.__name__}")
    return tuple(value) if typing.get_origin(kind) is tuple and isinstance(value, list) else value
