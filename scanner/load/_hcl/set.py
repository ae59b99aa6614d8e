"""Where the value of an argument is set, if the argument only passes it on: an entry of a local map, a call's argument.

Values of the root's variables may be given by files, by the environment or on the command line, so these are not
followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.places import Block, Folder
from scanner.load._hcl.syntax import Expression
from scanner.load._text import Place
from scanner.model import Path

_DEEPEST = 10


class Level(Struct, frozen=True):
    """A block and the files it stands in: a resource, or the call of a module around it."""

    folder: Folder
    block: Block
    key: str
    """Of its instance; empty for a block without `for_each`."""


def set_at(levels: Sequence[Level], path: Path) -> tuple[str, Place] | None:
    """The place with its name (`local.caches`); None where the value is written or made in the argument itself.

    `levels` are the calls, the outermost first, and the resource.
    """
    return _follow(levels, levels[-1].block, path, _DEEPEST)


def _follow(levels: Sequence[Level], block: Block, path: Path, left: int) -> tuple[str, Place] | None:
    """Where what `block` passes on at a path is set. The block stands in the folder of the last level."""
    node, names = block.reach(path)
    rest = _rest(names, path)
    steps = _passed_on(node) if node and left else ()
    if rest is None or len(steps) < 2:  # noqa: PLR2004  # a kind and a name
        return None
    kind, name, *inside = steps
    here = (*inside, *rest)
    if kind == "local":
        found = ((one, (name, *here)) for one in levels[-1].folder.every("locals") if one.argument(name))
        return _deeper(levels, f"local.{name}", next(found, None), left)
    if kind == "var" and len(levels) > 1 and levels[-2].block.argument(name):
        return _deeper(levels[:-1], f"var.{name}", (levels[-2].block, (name, *here)), left)
    if (kind, name) == ("each", "value") and levels[-1].key:
        return _deeper(levels, "each.value", (levels[-1].block, ("for_each", levels[-1].key, *here)), left)
    return None


def _passed_on(node: Node) -> tuple[str, ...]:
    """The steps of the one reference that an expression is; none for any other expression."""
    expression = Expression(node)
    if expression.inner.type != "expression" or len(expression.references) != 1:
        return ()
    reference = expression.references[0]
    return tuple(part.strip('[]"') for part in reference.parts) if reference.whole else ()


def _rest(written: int, path: Path) -> Path | None:
    """What of a path is not among the names that are written; None if that cannot be told."""
    names = [step for step in path if isinstance(step, str)]
    if written == len(names):
        return ()
    return path[written:] if len(names) == len(path) else None


def _deeper(
    levels: Sequence[Level], name: str, written: tuple[Block, Path] | None, left: int
) -> tuple[str, Place] | None:
    if written is None:
        return None
    block, path = written
    return _follow(levels, block, path, left - 1) or (name, block.find(path))
