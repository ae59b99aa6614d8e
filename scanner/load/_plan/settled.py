"""Which arguments were settled when the plan was made: those that only constants and variables decide.

Terraform knew the value of such an argument. Where the plan leaves it open all the same, the value was null, and the
provider will choose, just as if the argument were not written. A variable of a module is settled if what the module is
called with is, or if the call leaves it to its default. What a local value, a resource or a module decides may be open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scanner.bodies import peek
from scanner.model import Path, Unknown

_KNOWN = ("path.", "terraform.", "count.index", "each.key")
"""References to what is known in every plan. Keys of `for_each` must be; its values need not."""


def variables(module: Mapping[str, Any], call: Mapping[str, Any] | None, outer: Collection[str]) -> frozenset[str]:
    """The settled variables of a module, given the arguments it is called with; all of the root, which has no call."""
    declared = module.get("variables")
    names = declared if isinstance(declared, dict) else {}
    if call is None:
        return frozenset(names)
    return frozenset(name for name in names if name not in call or _is_settled(call[name], outer))


def paths(written: Any, settled: Collection[str], path: Path = ()) -> Iterator[Path]:
    """Where arguments are written that may be null, and that nothing but settled variables decides."""
    if isinstance(written, list):
        for index, entry in enumerate(written):
            yield from paths(entry, settled, (*path, index))
    elif isinstance(written, dict) and ("references" in written or "constant_value" in written):
        if written.get("constant_value") is None and _is_settled(written, settled):
            yield path
    elif isinstance(written, dict):
        for key, entry in written.items():
            yield from paths(entry, settled, (*path, key))


def is_open(values: Any, path: Path) -> bool:
    """Whether the plan leaves the value at a path to the apply."""
    return isinstance(peek(values, *path), Unknown)


def without(written: Any, path: Path) -> Any:
    """The configuration without the argument at a path; the original stays as it is."""
    step, rest = path[0], path[1:]
    if isinstance(written, list):
        return [without(entry, rest) if index == step else entry for index, entry in enumerate(written)]
    if not rest:
        return {key: entry for key, entry in written.items() if key != step}
    return {key: without(entry, rest) if key == step else entry for key, entry in written.items()}


def _is_settled(expression: Any, settled: Collection[str]) -> bool:
    """A plan shows no functions, so an expression without references may be `timestamp()`: that is not settled."""
    if not isinstance(expression, dict):
        return False
    if "constant_value" in expression:
        return True
    references = expression.get("references")
    return isinstance(references, list) and bool(references) and all(_is_known(one, settled) for one in references)


def _is_known(reference: Any, settled: Collection[str]) -> bool:
    if not isinstance(reference, str):
        return False
    if reference.startswith("var."):
        return reference.split(".")[1].partition("[")[0] in settled
    return reference.startswith(_KNOWN)
