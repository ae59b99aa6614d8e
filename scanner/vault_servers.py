"""The configuration of a Vault server, as people write it: what it listens on, stores in and is unsealed by.

It is met in files of its own and as a text in a ConfigMap, as the Helm chart of Vault makes one. Source: Vault's
documentation of its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner import hcl1
from scanner.hcl1 import Body, Item
from scanner.model import Path

TYPE = "type"
"""Under which the label of a block is kept: `listener "tcp"` is a listener of type tcp."""

_LISTENERS = frozenset({"tcp", "unix"})
_OF_OTHERS = frozenset({"auto_auth", "controller", "kms", "template", "vault", "worker"})
"""Blocks of Vault's agent and proxy, and of Boundary, which have listeners as well."""


def settings(text: str) -> dict[str, Any] | None:
    """Attributes by name, and a list for each kind of block; None for what is no server's. Raises `LoadError`."""
    found = _mapping(hcl1.parse(text))
    listeners = found.get("listener")
    if not isinstance(listeners, list) or _OF_OTHERS & found.keys():
        return None
    is_one = any(one.get(TYPE) in _LISTENERS for one in listeners) and not any("purpose" in one for one in listeners)
    return found if is_one else None


def place(text: str, path: Path) -> Item | None:
    """The last thing that a path into the settings leads through; None if that is none."""
    body: Any = hcl1.parse(text)
    found: Item | None = None
    for at, step in enumerate(path):
        if isinstance(step, int) or not isinstance(body, Body):
            continue
        number = path[at + 1] if at + 1 < len(path) else 0
        named = list(body.named(step))
        if not isinstance(number, int) or number >= len(named):
            number = 0
        if not named:
            break
        found, body = named[number], named[number].value
    return found


def _mapping(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in body.items:
        if isinstance(item.value, Body):
            blocks = found.setdefault(item.keys[0], [])
            blocks.append({TYPE: item.keys[1], **_mapping(item.value)} if item.keys[1:] else _mapping(item.value))
        else:
            found[item.keys[0]] = _plain(item.value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Body):
        return _mapping(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def first(native: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The first block of a kind; an empty one if there is none."""
    blocks = native.get(kind)
    return blocks[0] if isinstance(blocks, list) and blocks and isinstance(blocks[0], Mapping) else {}
