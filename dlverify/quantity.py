"""What an experiment measures and a theory predicts: named values over named axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log", "log2", "symlog"]
Array = NDArray[Any]

MOST_PICTURES, MOST_IMAGES, MOST_PIXELS, LONGEST_SIDE = 4, 12, 1728, 24
"""Pictures of a quantity; images of one picture, and their pixels in all: 12 images of 12 by 12; pixels along a side."""


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
class Picture:
    """Small grey images that show what a measurement was about: samples, reconstructions, attention, learned filters.

    They illustrate: records carry them and figures draw them, but no judge sees them. A statistical experiment shows its
    first member alone.

    Attributes:
        name: What the images are, in words: "reconstruction".
        values: Shape `(images, height, width)`, finite numbers; large ones are drawn dark.
        caption: What else there is to know; may be empty.
    """

    name: str
    values: Any
    caption: str = ""

    def __post_init__(self) -> None:
        """Bring the values to an array of floats, and refuse what is no picture or too large for a record.

        Raises:
            ValueError: The name or the caption is no text, or the values are not a few small images of finite numbers.
        """
        if not (isinstance(self.name, str) and self.name.strip() and isinstance(self.caption, str)):
            raise ValueError(
                f"a picture has the name {self.name!r} and the caption {self.caption!r}; both are texts, and the name says "
                "what its images are"
            )
        try:
            values = as_array(self.values)
            is_real = values.dtype.kind in "fOb"
            values = values.astype(np.float64) if is_real else values
        except (TypeError, ValueError):
            is_real = False
        if not is_real:
            raise ValueError(f"the picture {self.name!r} holds no real numbers; give images of numbers")
        images, *sides = values.shape or (0,)
        if len(sides) != 2 or not values.size or images > MOST_IMAGES or max(sides) > LONGEST_SIDE:
            raise ValueError(
                f"the picture {self.name!r} has values of shape {values.shape}; it is (images, height, width), with at most "
                f"{MOST_IMAGES} images and {LONGEST_SIDE} pixels along a side: show a few, smaller ones"
            )
        if values.size > MOST_PIXELS:
            raise ValueError(
                f"the picture {self.name!r} has {values.size} pixels; at most {MOST_PIXELS} keep records small: show fewer or "
                "smaller images"
            )
        if not np.isfinite(values).all():
            raise ValueError(
                f"the picture {self.name!r} has {np.count_nonzero(~np.isfinite(values))} pixels that are not finite; give "
                "finite ones, or leave the picture out"
            )
        object.__setattr__(self, "values", values)


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
        pictures: What illustrates it; a figure shows them, and no judge sees them.
    """

    values: Any
    name: str
    unit: str = ""
    axes: tuple[Axis, ...] = ()
    upper: Any = None
    scale: Scale = "linear"
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        """Bring the values to an array and compare its shape with the axes.

        Raises:
            ValueError: The shape of the values is not that of the axes, or the pictures are no pictures or too many.
        """
        pictures = self.pictures
        if not (isinstance(pictures, tuple) and all(isinstance(one, Picture) for one in pictures)):
            raise ValueError(f"the quantity {self.name!r} has pictures that are not a tuple of `dlverify.Picture`")
        if len(pictures) > MOST_PICTURES:
            raise ValueError(
                f"the quantity {self.name!r} has {len(pictures)} pictures; at most {MOST_PICTURES} keep records small: choose "
                "those that tell most"
            )
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


def pictures_of(images: Mapping[str, Any]) -> tuple[Picture, ...]:
    """Pictures by their names: of each the first images that fit, and none that are too large or not finite.

    For an experiment whose fields make images large, or whose networks may diverge: no verdict hangs on pictures.
    """
    found = []
    for name, values in images.items():
        array = as_array(values)
        array = array[: min(MOST_IMAGES, MOST_PIXELS // array[0].size)]
        if max(array.shape[1:]) <= LONGEST_SIDE and np.isfinite(array.astype(np.float64)).all():
            found.append(Picture(name, array))
    return tuple(found)


def is_exact(array: Array) -> bool:
    """Whether arithmetic on the array is exact: integers, fractions and booleans."""
    return array.dtype.kind in "Ob"
