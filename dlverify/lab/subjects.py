"""The real thing that is measured, named by its import path so that another can be put in its place."""

from __future__ import annotations

import ast
import contextlib
import importlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

_forbidden: ContextVar[str | None] = ContextVar("forbidden", default=None)


class SubjectError(ValueError):
    """A subject that cannot be read, imported or made."""


class OutcomeRead(RuntimeError):
    """A theory asked for what only the experiment may see."""


@contextlib.contextmanager
def outcomes_forbidden(asker: str) -> Iterator[None]:
    """Within it no subject can be made and nothing measured: law 3, theory never sees the outcome."""
    token = _forbidden.set(asker)
    try:
        yield
    finally:
        _forbidden.reset(token)


def check_outcome_allowed(what: str) -> None:
    """Refuse where a theory is being asked.

    Raises:
        OutcomeRead: A prediction is under way.
    """
    asker = _forbidden.get()
    if asker is not None:
        raise OutcomeRead(
            f"{asker} reads the outcome: it {what}. A theory is given (experiment, given) and reaches its values by "
            "another route than the measurement: a closed form, sympy, rationals, float64 linear algebra."
        )


@dataclass(frozen=True)
class Subject:
    """An object of torch, scipy, scikit-learn or of the user, with arguments: `module:Name(argument=literal)`.

    Calling it imports the object and calls it, the subject's own arguments last, so that they win over the caller's.

    Attributes:
        module: The module to import, `torch.optim`.
        name: The object in it, `Adagrad`; dots reach into a class.
        arguments: Keyword arguments with literal values, in the order given.
        thing: The object itself, where it need not be imported.
        stands_for: The path of what it was put in the place of; empty where it is the claim's own.
    """

    module: str
    name: str
    arguments: tuple[tuple[str, Any], ...] = ()
    thing: Any = None
    stands_for: str = ""

    @classmethod
    def of(cls, thing: Any) -> Subject:
        """An object at hand, a class of the user's own say, as a subject."""
        name = getattr(thing, "__qualname__", type(thing).__qualname__)
        return cls(str(getattr(thing, "__module__", None) or type(thing).__module__), name, (), thing)

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read `module:Name`, `module:Name(a=1)`, `module.Name` or `module.Name(a=1)`; values are literals.

        Raises:
            SubjectError: The text has another form.
        """
        path, parenthesis, rest = text.strip().partition("(")
        module, colon, name = path.partition(":")
        if not colon:
            module, _, name = path.rpartition(".")
        if not module or not all(part.isidentifier() for part in (module + "." + name).split(".")):
            raise SubjectError(
                f"{text!r} is no subject; write module:Name or module:Name(argument=literal), "
                "as in torch.optim:Adagrad(eps=0)"
            )
        arguments: list[tuple[str, Any]] = []
        if parenthesis:
            try:
                call = ast.parse(f"f({rest}", mode="eval").body
                arguments = [(str(keyword.arg), ast.literal_eval(keyword.value)) for keyword in call.keywords]  # type: ignore[attr-defined]
                well_formed = isinstance(call, ast.Call) and not call.args and all(k.arg for k in call.keywords)
            except (SyntaxError, ValueError, AttributeError):
                well_formed = False
            if not well_formed:
                raise SubjectError(
                    f"{text!r} is no subject: its arguments are written name=literal, as in torch.optim:Adagrad(eps=0)"
                )
        return cls(module, name, tuple(arguments))

    @property
    def path(self) -> str:
        """The dotted path without arguments, `torch.optim.Adagrad`: what `--subject` names."""
        return f"{self.module}.{self.name}"

    @property
    def role(self) -> str:
        """The path of what it is meant to be, `torch.optim.Adagrad`, whoever plays it: what a theory may ask for."""
        return self.stands_for or self.path

    @property
    def unit_roundoff(self) -> float:
        """Unit roundoff of what it computes in float32 whatever the dtype; 0 where there is no such thing.

        torch's optimizers count steps in float32. Where the count stays a tensor, with `capturable` or compiled, learning
        rates and bias corrections follow from it in that precision.
        """
        arguments = dict(self.arguments)
        compiled = self.name == "compiled" and str(arguments.get("path", "")).startswith("torch.optim")
        return 2.0**-24 if compiled or arguments.get("capturable") else 0.0

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments)
        return f"{self.module}:{self.name}({arguments})" if arguments else f"{self.module}:{self.name}"

    def load(self) -> Any:
        """Import the object.

        Raises:
            SubjectError: The module cannot be imported or has no such name.
        """
        check_outcome_allowed(f"loaded the subject {self}")
        if self.thing is not None:
            return self.thing
        try:
            found: Any = importlib.import_module(self.module)
        except ImportError as error:
            raise SubjectError(f"the subject {self} cannot be imported: {error}") from error
        for part in self.name.split("."):
            if not hasattr(found, part):
                raise SubjectError(f"the subject {self} does not exist: {self.module} has no {self.name}")
            found = getattr(found, part)
        return found

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        """Call the object with these arguments and its own.

        Raises:
            SubjectError: The object does not take the arguments.
        """
        made = self.load()
        if not callable(made):
            raise SubjectError(f"the subject {self} is a {type(made).__name__} and cannot be called")
        arguments = {**keywords, **dict(self.arguments)}
        try:
            return made(*positional, **arguments)
        except TypeError as error:
            raise SubjectError(
                f"the subject {self} does not take the arguments {sorted(arguments)}: {error}"
            ) from error
