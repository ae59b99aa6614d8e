"""The names of functions, for those who mistype them."""

from __future__ import annotations

from scanner.cel.library import STANDARD, of_kubernetes

_MACROS = (
    *("all", "exists", "exists_one", "existsOne", "filter", "has", "map", "optMap", "optFlatMap", "cel.bind"),
    *("transformList", "transformMap", "transformMapEntry"),
)
"""What looks like a function and is rewritten by the parser."""


def function_names() -> list[str]:
    """Every function and macro an expression may call, by the name it is written with."""
    return sorted({*_MACROS, *(name for name in (*STANDARD, *of_kubernetes()) if name.replace(".", "").isalnum())})
