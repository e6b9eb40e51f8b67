"""What an experiment measures and a theory predicts: named values over named axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log", "log2", "symlog"]
Array = NDArray[Any]


@dataclass(frozen=True)
class Axis:
    """One named axis of a quantity.

    Attributes:
        name: What varies along it, in words: "step", "learning rate", "member".
        values: The positions along it: numbers, or labels.
        unit: Its unit; empty for a pure number.
        scale: How a figure spaces it.
    """

    name: str
    values: tuple[Any, ...]
    unit: str = ""
    scale: Scale = "linear"


@dataclass(frozen=True)
class Quantity:
    """Values over axes, one axis for each dimension; a number has none.

    Exact values are Python integers, `Fraction`s or booleans; anything else is float64. A torch tensor is brought to
    the CPU and widened to float64, which is exact for every floating dtype that torch has.

    Attributes:
        values: What was measured, shape `tuple(len(axis.values) for axis in axes)`.
        name: What it is, in words: "step length".
        unit: Its unit; empty for a pure number.
        axes: One for each dimension of `values`.
        upper: For a certified enclosure, the upper ends, of the same shape; `values` are then the lower ends.
        scale: How a figure spaces the values.
    """

    values: Any
    name: str
    unit: str = ""
    axes: tuple[Axis, ...] = ()
    upper: Any = None
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        """Bring the values to an array and compare its shape with the axes.

        Raises:
            ValueError: The shape of the values is not that of the axes.
        """
        for field in ("values", "upper"):
            if getattr(self, field) is not None:
                object.__setattr__(self, field, as_array(getattr(self, field)))
        shape = tuple(len(axis.values) for axis in self.axes)
        for field in ("values", "upper"):
            array = getattr(self, field)
            if array is not None and array.shape != shape:
                raise ValueError(
                    f"the quantity {self.name!r} has {field} of shape {array.shape}, but axes of shape {shape}: "
                    f"{', '.join(f'{axis.name} ({len(axis.values)})' for axis in self.axes) or 'none'}"
                )


def as_array(values: Any) -> Array:
    """Values as a numpy array: float64, boolean, or Python objects where they are exact (integers and fractions)."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = (values.double() if values.is_floating_point() else values).numpy()
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        return array.astype(object)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def is_exact(array: Array) -> bool:
    """Whether arithmetic on the array is exact: integers, fractions and booleans."""
    return array.dtype.kind in "Ob"
