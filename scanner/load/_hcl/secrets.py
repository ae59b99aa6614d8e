"""What a configuration itself calls secret: the values of its sensitive and ephemeral variables.

They are known so that no report shows them, wherever else they stand. What depends on them is unknown (`trust`).

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.known_secrets import texts_in
from scanner.load._files import Options
from scanner.load._hcl import variables as hcl_variables
from scanner.load._hcl.modules import Module
from scanner.load._hcl.nodes import parse, text_of
from scanner.load._hcl.syntax import Expression, arguments


def texts(root: Module, options: Options) -> Iterator[str]:
    """Every text that a sensitive variable of the root, or of a module below it, is set to."""
    for module in root.every():
        for name in module.kept_secret():
            default = module.blocks["variable", name].body.arguments.get("default")
            yield from (
                text for one in (default, module.call.arguments.get(name)) if one for text in _written(one.node)
            )
    kept = set(root.kept_secret())
    for name, value in hcl_variables.values(root.folder, options) if kept else ():
        if name in kept:
            yield from _given(value)


def _given(value: Any) -> Iterator[str]:
    if isinstance(value, Expression):
        yield from _written(value.node)
        return
    yield from texts_in(value)
    if isinstance(value, str):  # on a command line it may be an expression
        yield from (text for one in arguments(parse(f"x = {value}\n")).values() for text in _written(one.node))


def _written(node: Node) -> Iterator[str]:
    """The texts in an expression as they are written, and as they are meant; without the keys of objects."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type == "template_literal":
            yield (raw := text_of(here))
            with suppress(ValueError):  # HCL's escapes are those of JSON
                yield str(json.loads(f'"{raw}"'))
        stack += here.named_children[1:] if here.type == "object_elem" else here.named_children
