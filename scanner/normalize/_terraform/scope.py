"""Where expressions are written: blocks, their instances and the modules around them, told from addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from scanner.model import Unknown
from scanner.patterns import regex

if TYPE_CHECKING:
    from scanner.normalize._terraform.item import Item

_STEP = regex(r'\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]|[^.\[]+')
_CALL = regex(r'(?P<block>.*?module\.[^.\[]+)(?P<index>\[(?:\d+|"(?:[^"\\]|\\.)*")\])?')

Index = str | int | None


class Instances(Struct, frozen=True):
    """The instances of a block, by their index."""

    by_index: Mapping[Index, Item]
    keys: frozenset[Index]


class Scope(Struct, frozen=True):
    """Where an expression is written: a block (of a resource or a module call) of a module instance."""

    module: str
    """The address of the module instance; empty for the root."""
    modules: Mapping[tuple[str, ...], Mapping[str, Any]]
    repeated: Mapping[str, Any]
    index: Index
    """What `each.key` or `count.index` stands for."""
    keys: frozenset[Index]
    """The indexes of all instances of the block."""
    alike: bool = False
    """Whether all instances of the block hold the same, so that it does not matter which is which."""


def module_path(address: str) -> tuple[str, ...]:
    """`module.a["x"].module.b` as `("a", "b")`."""
    return tuple(part for part in parts(address)[1:] if not part.startswith("["))[::2] if address else ()


def split_call(address: str) -> tuple[str, str, Index]:
    """The instance of the module around, the call, and its index: `module.a["x"].module.b[0]`."""
    matches = list(_CALL.finditer(address))
    if not matches:
        return "", address, None
    last = matches[-1]
    outer = address[: last.start()]
    return outer, f"{outer}{last['block']}", constant(last["index"]) if last["index"] else None


@lru_cache(maxsize=4096)
def parts(reference: str) -> tuple[str, ...]:
    """`aws_x.y["k.l"].id` as `("aws_x", "y", '["k.l"]', "id")`."""
    return tuple(match[0] for match in _STEP.finditer(reference))


def constant(step: str) -> Index:
    """`["raw"]` or `raw` as a text, `[0]` as a number."""
    inside = step.removeprefix("[").removesuffix("]")
    return int(inside) if inside.isdigit() and step.startswith("[") else inside.strip('"')


def instance_of(block: str, index: Index) -> str:
    """The address of an instance of a block."""
    if index is None:
        return block
    return f'{block}["{index}"]' if isinstance(index, str) else f"{block}[{index}]"


def inside(module: str, modules: Mapping[tuple[str, ...], Mapping[str, Any]]) -> Scope:
    """Where outputs and locals of a module instance are written: outside of any block that is repeated."""
    return Scope(module, modules, {}, None, frozenset({None}))


def alike(items: Sequence[Item]) -> bool:
    """Whether all these hold the same values, as far as they are known."""
    return all(_same(items[0].body, one.body) for one in items[1:])


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return isinstance(one, Unknown) and isinstance(other, Unknown)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
