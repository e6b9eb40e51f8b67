"""When memory ends: how to know it, and how to have some back."""

from __future__ import annotations

import gc
import sys


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was short: Python's and numpy's, torch's on a GPU, and torch's on the CPU.

    The last is a plain `RuntimeError` of its allocator, which only its text tells from others.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    on_cpu = isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    return isinstance(error, MemoryError) or "OutOfMemoryError" in names or on_cpu


def release_memory() -> None:
    """Let go of what nobody refers to, and of what torch keeps in store on a GPU."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
