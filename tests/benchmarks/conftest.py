"""Benchmarks run by `make bench` alone: nothing is asserted of a time, and a loaded machine would only be slowed down."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if config.getoption("benchmark_only", default=False) else True
