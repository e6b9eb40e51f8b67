"""Glue of this repository alone: its tests run pytest inside pytest."""

pytest_plugins = ["pytester"]
