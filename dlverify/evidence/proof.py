"""Proofs by sympy: a residual that vanishes for all values, or a witness that it does not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlverify.evidence.finding import Finding

Residuals = Callable[[], Mapping[str, Any]]
"""A function without arguments that returns sympy expressions by the name of the step that each proves to be zero."""


@dataclass(frozen=True)
class Proof:
    """A proof for all values: every residual vanishes identically.

    Attributes:
        says: What is proved, in one sentence.
        residuals: Builds the sympy expressions, scalar or matrix, with symbolic sizes where the statement has them.
        broken: The same residuals with one term changed: at least one must not vanish, or the proof proves nothing.
    """

    says: str
    residuals: Residuals
    broken: Residuals


def prove(residuals: Residuals) -> Finding:
    """HOLDS where sympy reduces each residual to zero, REFUTED with a numeric witness, INCONCLUSIVE otherwise."""
    undecided = ""
    steps = residuals()
    for step, residual in steps.items():
        reduced = _reduced(residual)
        if _vanishes(reduced):
            continue
        witness = _witness(reduced)
        if witness:
            values = ", ".join(f"{name} = {value}" for name, value in witness.items() if name != "residual")
            message = f"{step}: the residual {_short(reduced)} does not vanish: it is {witness['residual']} at {values}"
            return Finding("REFUTED", float("inf"), float("inf"), message, {"step": step, **witness})
        undecided = undecided or f"{step}: sympy cannot decide whether {_short(reduced)} vanishes"
    if undecided:
        return Finding("INCONCLUSIVE", 0.0, float("inf"), f"{undecided}; split the step or state more assumptions")
    message = f"sympy reduces the residual{'s' * (len(steps) != 1)} to zero: {', '.join(steps)}"
    return Finding("HOLDS", 0.0, 0.0, message)


def _reduced(residual: Any) -> Any:
    import sympy

    if isinstance(residual, sympy.MatrixExpr):
        return residual.doit().expand().doit()
    return sympy.simplify(sympy.sympify(residual))


def _vanishes(reduced: Any) -> bool:
    import sympy

    if isinstance(reduced, sympy.MatrixBase):
        return bool(reduced.is_zero_matrix)
    return isinstance(reduced, sympy.ZeroMatrix) or reduced == 0


def _witness(reduced: Any) -> dict[str, Any]:
    """Values at which the residual is not zero: sizes 2 and 3, numbers that are halves of distinct primes."""
    import sympy

    # Halves of distinct odd primes have no common factor, so that terms rarely cancel by accident; signs are tried both
    # ways, and then later primes, whose distances are others.
    sizes, matrices = _sizes(reduced), sorted(reduced.atoms(sympy.MatrixSymbol), key=str)
    reduced = reduced.subs(sizes)
    for sign, start in itertools.product((1, -1), (2, 4)):
        halves = (sympy.Rational(sympy.prime(index), 2) for index in itertools.count(start))
        values: dict[Any, Any] = {}
        for matrix in (matrix.subs(sizes) for matrix in matrices):
            rows, columns = matrix.shape
            values[matrix] = sympy.ImmutableMatrix(rows, columns, list(itertools.islice(halves, rows * columns)))
        for index, symbol in enumerate(sorted(reduced.free_symbols - set(values), key=str)):
            number = sympy.Integer(index + 2) if symbol.is_integer else next(halves)
            values[symbol] = number if symbol.is_positive or symbol.is_nonnegative else sign * number
        value = reduced.subs(values).doit()
        value = sympy.simplify(value)
        is_zero = value.is_zero_matrix if isinstance(value, sympy.MatrixBase) else value.is_zero
        if is_zero is False:
            return {**{str(name): _short(given) for name, given in values.items()}, "residual": _short(value)}
    return {}


def _sizes(expression: Any) -> dict[Any, int]:
    """The smallest sizes that tell the shapes of a matrix expression apart."""
    import sympy

    symbols = {s for matrix in expression.atoms(sympy.MatrixSymbol) for n in matrix.shape for s in n.free_symbols}
    return {symbol: index % 2 + 2 for index, symbol in enumerate(sorted(symbols, key=str))}


def _short(expression: Any) -> str:
    text = " ".join(str(expression).split())
    return text if len(text) <= 120 else text[:117] + "..."
