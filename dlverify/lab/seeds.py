"""Random numbers keyed by (root, claim, stream, member): member 7 is the same whether 8 or 800 run."""

from __future__ import annotations

import hashlib

import numpy as np

ROOT = 271828182
"""The pinned root of the everyday run: the first digits of e, chosen before anything was measured."""


def generator(root: int, claim: str, stream: str, member: int) -> np.random.Generator:
    """An independent generator for each key: Philox4x64 (Salmon et al. 2011) under numpy's `SeedSequence`.

    The same numbers come on every machine and device, since they are always drawn in float64 on the CPU.
    """
    words = np.frombuffer(hashlib.sha256(f"{claim}\0{stream}".encode()).digest()[:16], dtype="<u4")
    key = np.random.SeedSequence(entropy=root, spawn_key=(*(int(word) for word in words), member))
    return np.random.Generator(np.random.Philox(key))
