"""What whoever runs Terraform would choose on its command line."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Terraform(Struct, frozen=True):
    """The workspace and the variables of a run. They hold for every root module that is scanned."""

    workspace: str = ""
    """Empty where it is not said."""
    values: tuple[Path | tuple[str, str], ...] = ()
    """Variable files, and single variables with their text; a later one wins."""
