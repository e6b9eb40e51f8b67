"""Correct implementations that are not torch's, or not its default ones: the claims must let them pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.implementations import layers, numpy_optimizers, optax_optimizers


@dataclass(frozen=True)
class Right:
    """A right implementation.

    Attributes:
        subject: The dotted path of what it stands in for.
        thing: The class or function, or its path with arguments.
        needs: The package that must be installed.
        unlike: Claims about a convention of torch's that it does not follow.
    """

    subject: str
    thing: Any
    needs: str = "torch"
    unlike: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is called."""
        return self.thing if isinstance(self.thing, str) else f"{self.thing.__module__}.{self.thing.__name__}"


OPTIMIZERS = ("SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW")

RIGHT = (
    *(Right(f"torch.optim.{name}", f"torch.optim:{name}(foreach=True)") for name in OPTIMIZERS),
    *(Right(f"torch.optim.{name}", f"torch.optim:{name}(fused=True)") for name in ("SGD", "Adagrad", "Adam", "AdamW")),
    *(Right(f"torch.optim.{name}", getattr(numpy_optimizers, name)) for name in OPTIMIZERS),
    *(
        Right(
            f"torch.optim.{name}",
            getattr(optax_optimizers, name),
            "optax",
            ("optimizer/adagrads_epsilon_stands_outside_the_root",) if name == "Adagrad" else (),
        )
        for name in OPTIMIZERS
    ),
    Right("torch.optim.SGD", "pytorch_optimizer:SGDW(weight_decouple=False)", "pytorch_optimizer"),
    Right("torch.optim.Adadelta", "pytorch_optimizer:AdaDelta", "pytorch_optimizer"),
    *(Right(f"torch.nn.{thing.__name__}", thing) for thing in layers.MODULES),
    Right("torch.nn.functional.scaled_dot_product_attention", layers.attention),
    Right("torch.nn.ReLU", layers.CompiledReLU),
    Right("torch.nn.LayerNorm", layers.CompiledLayerNorm),
)
