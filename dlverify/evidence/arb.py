"""The ball arithmetic behind certified bounds: Arb (Johansson 2017) through python-flint, where it is installed."""

from __future__ import annotations

from typing import Any

from dlverify.evidence.finding import NotAvailable


def load_flint() -> Any:
    """The module `flint`.

    Raises:
        NotAvailable: It is not installed.
    """
    try:
        import flint
    except ImportError:
        raise NotAvailable(
            "python-flint is not installed, so nothing can be certified; pip install python-flint"
        ) from None
    return flint
