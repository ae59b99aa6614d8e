"""The names of functions, for those who mistype them."""

from __future__ import annotations

from scanner.cel.library import STANDARD, of_kubernetes

MACROS = {
    **{name: f"list.{name}(x, condition on x)" for name in ("all", "exists", "exists_one", "existsOne", "filter")},
    "map": "list.map(x, value made of x)",
    "sortBy": "list.sortBy(x, what of x to sort by)",
    "has": "has(a.b), with the name of a field",
    **{name: f"optional.{name}(x, value made of x)" for name in ("optMap", "optFlatMap")},
    "cel.bind": "cel.bind(name, value, expression with the name)",
    **{name: f"list.{name}(i, x, value made of i and x)" for name in ("transformList", "transformMap")},
    "transformMapEntry": "list.transformMapEntry(i, x, map made of i and x)",
}
"""What looks like a function and is rewritten by the parser, with how it is written."""


def function_names() -> list[str]:
    """Every function and macro an expression may call, by the name it is written with."""
    return sorted({*MACROS, *(name for name in (*STANDARD, *of_kubernetes()) if name.replace(".", "").isalnum())})
