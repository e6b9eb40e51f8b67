"""Proofs hold where the residual vanishes, are refuted by numbers, and say when sympy cannot tell."""

import sympy

from dlverify.evidence.proof import prove

x, y = sympy.symbols("x y", real=True)
n, m = sympy.symbols("n m", positive=True, integer=True)
A, B = sympy.MatrixSymbol("A", n, m), sympy.MatrixSymbol("B", n, m)


def test_identity_holds():
    finding = prove(
        lambda: {
            "square": (x + y) ** 2 - x**2 - 2 * x * y - y**2,
            "pythagoras": sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1,
        }
    )
    assert (finding.verdict, finding.low, finding.high) == ("HOLDS", 0, 0)
    assert "square, pythagoras" in finding.message


def test_matrices_of_symbolic_size():
    assert prove(lambda: {"transpose": (A + B).T - A.T - B.T}).verdict == "HOLDS"
    finding = prove(lambda: {"transpose": (A + B).T - A.T})
    assert finding.verdict == "REFUTED"
    assert "does not vanish: it is" in finding.message
    assert "B = Matrix" in finding.message


def test_non_commuting_matrices_are_refuted():
    square = sympy.MatrixSymbol("S", n, n), sympy.MatrixSymbol("T", n, n)
    assert prove(lambda: {"commute": square[0] * square[1] - square[1] * square[0]}).verdict == "REFUTED"


def test_one_wrong_step_refutes_with_a_witness():
    finding = prove(lambda: {"right": x - x, "wrong": x * y - x})
    assert (finding.verdict, finding.low) == ("REFUTED", float("inf"))
    assert finding.witness["step"] == "wrong"
    assert "at x = 3/2, y = 5/2" in finding.message


def test_a_residual_that_vanishes_at_the_first_values_is_refuted_at_others():
    assert prove(lambda: {"one apart": (y - x) ** 2 - (y - x) ** 4}).verdict == "REFUTED"


def test_undecided_is_inconclusive():
    f = sympy.Function("f")
    finding = prove(lambda: {"unknown": f(x) - f(y)})
    assert finding.verdict == "INCONCLUSIVE"
    assert "split the step or state more assumptions" in finding.message
