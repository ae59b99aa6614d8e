"""Finds the modules of a room by file name: adding a file is registering it.

Names are listed without importing anything, so `--help` stays fast and one module that cannot be
imported hurts only those who ask for it. Files and folders that begin with an underscore are private to their room.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def names(room: str) -> tuple[str, ...]:
    """The public module names of a room such as `scanner.report`, sorted."""
    package = importlib.import_module(room)
    found = (entry.name for entry in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def module(room: str, name: str) -> ModuleType:
    """The module `name` of a room, imported now."""
    return importlib.import_module(f"{room}.{name}")
