"""Other ways in which torch computes the same thing: variants of a subject that its claims must hold for too."""

from __future__ import annotations

import functools
import importlib
import inspect
import shutil
import types
import warnings
from typing import Any

import torch

from dlverify.lab.subjects import Subject

VARIANTS = ("stock", "foreach", "fused", "capturable", "compile")
"""As it is called, three implementations of torch's optimizers, and what `torch.compile` makes of it."""


def variant_of(subject: Subject, variant: str, device: str, dtype: str) -> Subject | None:
    """What takes the place of a subject in a variant; None where torch has no such variant of it there.

    Implementations are tried, not looked up: an optimizer takes a step on the device. A subject that names one of them
    already has no other.

    Args:
        subject: The subject.
        variant: One of `VARIANTS`, but "stock".
        device: Where it would compute.
        dtype: The floating dtype.
    """
    if set(dict(subject.arguments)) & {*VARIANTS, "differentiable"}:
        return None
    if variant == "compile":
        made = Subject("dlverify.lab.variants", "compiled", (("path", f"{subject.module}:{subject.name}"),))
        return made if _can_compile(device) and _is_compilable(subject) else None
    if not subject.module.startswith("torch"):
        return None
    bare = Subject(subject.module, subject.name)
    return (
        Subject(subject.module, subject.name, ((variant, True),)) if _runs(str(bare), variant, device, dtype) else None
    )


def compiled(*positional: Any, path: str, **keywords: Any) -> Any:
    """An optimizer whose step, or a module whose forward pass, goes through `torch.compile`.

    Args:
        positional: Arguments of the subject.
        path: The subject, `torch.optim:Adam`.
        keywords: Keyword arguments of the subject.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's compiler imports what torch retires
        importlib.import_module("torch._inductor.compile_fx")
    # After eight versions of one function the compiler gives up and leaves it as it is, so that what ran before would count.
    torch.compiler.reset()
    made = Subject.parse(path)(*positional, **keywords)
    if isinstance(made, torch.nn.Module):
        made.forward = torch.compile(made.forward)  # not made.compile(), which leaves torch's own modules as they are
    else:
        made.step = types.MethodType(torch.compile(type(made).step), made)  # a method, as schedulers want it
    return made


def _is_compilable(subject: Subject) -> bool:
    kind = subject.load()
    return isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer | torch.nn.Module)


@functools.cache
def _can_compile(device: str) -> bool:
    """Whether torch's compiler finds what it builds with: a C++ compiler for the CPU, Triton for a GPU."""
    if device == "cpu":
        return any(shutil.which(name) for name in ("g++", "clang++", "cl"))
    return bool(torch.utils._triton.has_triton()) if device == "cuda" else False


@functools.cache
def _runs(path: str, variant: str, device: str, dtype: str) -> bool:
    kind = Subject.parse(path).load()
    try:
        if variant not in inspect.signature(kind).parameters:
            return False
    except (TypeError, ValueError):  # what is built in has no signature
        return False
    if not (isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)):
        return True
    parameter = torch.zeros(4, device=device, dtype=getattr(torch, dtype), requires_grad=True)
    parameter.grad = torch.ones_like(parameter)
    try:
        Subject(kind.__module__, kind.__name__, ((variant, True),))([parameter]).step()
    except Exception:  # each refuses in its own way
        return False
    return True
