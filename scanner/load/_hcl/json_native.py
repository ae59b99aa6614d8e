"""From Terraform's JSON syntax to its native one, so that both are evaluated, and believed, in one way.

In JSON a map (`tags`) and a nested block (`versioning`) look the same, and only the provider's schema tells which is
which; `json_maps.yaml` holds what the schemas say. An expression is a text with `${...}` in it.

Syntax: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ryaml

from scanner.errors import LoadError
from scanner.load._hcl.json_blocks import COMMENT, JsonBlock, Number, Object, objects
from scanner.patterns import regex

_IDENTIFIER = regex(r"[A-Za-z_][\w-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = regex(r'[\\"\x00-\x1f]')
_OPENING = regex(r"(?:\$\$|%%|\$|%)\{")
_RAW = {
    # kind of block: arguments whose text is a name or a type, not a template
    "variable": ("type",),
    "resource": ("provider", "depends_on"),
    "data": ("provider", "depends_on"),
    "ephemeral": ("provider", "depends_on"),
    "module": ("providers", "depends_on"),
    "output": ("depends_on",),
}
_UNSAID = {
    # kind of block: blocks that say nothing about what there will be
    "variable": ("validation",),
    "output": ("precondition",),
    "resource": ("connection", "provisioner"),
}
_LIFECYCLE = "lifecycle"
_LASTING = frozenset({"resource", "data", "ephemeral", "module"})
"""Kinds of blocks that have such a block."""
_EXPRESSIONS = frozenset({"variable", "output", "module", "locals"})
"""Kinds of blocks all of whose arguments are expressions."""


def native(block: JsonBlock) -> Iterator[str]:
    """The lines of a block in the native syntax, one argument a line; raises `LoadError`."""
    yield " ".join((block.kind, *map(quoted, block.labels), "{"))
    yield from _body(block.body, block.kind, block.labels[0] if len(block.labels) > 1 else block.kind)
    yield "}"


def _body(body: Object, kind: str, owner: str) -> Iterator[str]:
    """The lines of a block of the module. `owner` is the resource's type, which knows what is a map."""
    raw, unsaid = _RAW.get(kind, ()), _UNSAID.get(kind, ())
    for name, value in body:
        if name in raw:
            yield f"{name} = {_name(value)}"
        elif name == _LIFECYCLE and kind in _LASTING:
            yield from _lifecycle(value)
        elif name not in unsaid and name != COMMENT:
            yield from _argument(name, value, "" if kind in _EXPRESSIONS else owner)


def _lifecycle(value: Any) -> Iterator[str]:
    """Of what is said about changes, only whether there is anything to change: OpenTofu's `enabled`."""
    for _, one in objects(value, _LIFECYCLE):
        for name, part in one:
            if name == "enabled":
                yield from (f"{_LIFECYCLE} {{", f"{name} = {expression(part)}", "}")


def _argument(name: str, value: Any, owner: str) -> Iterator[str]:
    """An argument, or the blocks that stand for it."""
    if owner and name == "dynamic":
        yield from _dynamic(value, owner)
    elif owner and _is_nested(value) and not _is_map(name, owner, value):
        for one in value if type(value) is list else [value]:
            yield f"{name} {{"
            yield from _nested(one, owner)
            yield "}"
    else:
        yield f"{name} = {expression(value)}"


def _nested(body: Object, owner: str) -> Iterator[str]:
    for name, value in body:
        if name != COMMENT:
            yield from _argument(name, value, owner)


def _dynamic(value: Any, owner: str) -> Iterator[str]:
    for label, inside in ((label, inside) for _, one in objects(value, "dynamic") for label, inside in one):
        for _, one in objects(inside, f"dynamic {label}"):
            yield f"dynamic {quoted(label)} {{"
            for name, part in one:
                if name == "iterator":
                    yield f"iterator = {_name(part)}"
                elif name == "content":
                    yield "content {"
                    for _, content in objects(part, f"dynamic {label}"):
                        yield from _nested(content, owner)
                    yield "}"
                elif name != COMMENT:
                    yield f"{name} = {expression(part)}"
            yield "}"


def _is_nested(value: Any) -> bool:
    if type(value) is list:
        return bool(value) and all(isinstance(one, Object) for one in value)
    return isinstance(value, Object)


def _is_map(name: str, owner: str, value: Any) -> bool:
    """Whether an argument that looks like a block is a map."""
    always, except_in, only_in = _maps()
    if type(value) is list:
        return False
    if name in always or (name in except_in and owner not in except_in[name]) or owner in only_in.get(name, ()):
        return True
    # No argument has such a name, so this is no block.
    return any(not _IDENTIFIER.fullmatch(key) for key, _ in value if key != COMMENT)


@cache
def _maps() -> tuple[frozenset[str], Mapping[str, list[str]], Mapping[str, list[str]]]:
    table = ryaml.loads(Path(__file__).with_name("json_maps.yaml").read_text(encoding="utf-8"))
    return frozenset(table["always"]), table["except_in"], table["only_in"]


def expression(value: Any) -> str:
    """An expression in the native syntax."""
    if isinstance(value, Object):
        return "{" + ", ".join(f"{_key(name)} = {expression(one)}" for name, one in value) + "}"
    if type(value) is list:
        return "[" + ", ".join(map(expression, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    return template(value) if isinstance(value, str) else json.dumps(value)


def _key(name: str) -> str:
    return f"({template(name)})" if _OPENING.search(name) else quoted(name)


def _name(value: Any) -> str:
    """Names, such as `aws.west` or `list(string)`, which stand in JSON as texts."""
    if isinstance(value, Object):
        return "{" + ", ".join(f"{name} = {_name(one)}" for name, one in value) + "}"
    if type(value) is list:
        return "[" + ", ".join(map(_name, value)) + "]"
    text = str(value).strip()
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text


def template(text: str) -> str:
    """A text with `${...}` in it. One that is nothing else is the expression itself, of whatever type it is."""
    parts = list(_parts(text))
    if len(parts) == 1 and parts[0].startswith("${"):
        inside = parts[0][2:-1].strip().strip("~").strip()
        return f"({inside})" if _has_open_line(inside) else inside
    return '"' + "".join(parts).replace("\n", " ") + '"'


def _has_open_line(text: str) -> bool:
    """Whether a line ends outside of all brackets, where it would end the argument."""
    depth, here = 0, 0
    while here < len(text) and "\n" in text:
        if text[here] == '"':
            here = _string_end(text, here + 1)
            continue
        if text[here] == "\n" and not depth:
            return True
        depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(text[here], 0)
        here += 1
    return False


def _parts(text: str) -> Iterator[str]:
    """The sequences of a template as they are, and escaped what stands between them."""
    here = 0
    while match := _OPENING.search(text, here):
        if len(match[0]) == 3:  # noqa: PLR2004  # `$${`, which means the two characters `${`
            yield _escaped(text[here : match.end()])
            here = match.end()
            continue
        if match.start() > here:
            yield _escaped(text[here : match.start()])
        here = _end(text, match.end())
        yield text[match.start() : here]
    if here < len(text) or not text:
        yield _escaped(text[here:])


def _end(text: str, start: int) -> int:
    """Behind the brace that closes a sequence."""
    depth, here = 1, start
    while here < len(text):
        if text[here] == '"':
            here = _string_end(text, here + 1)
            continue
        depth += {"{": 1, "}": -1}.get(text[here], 0)
        here += 1
        if not depth:
            return here
    raise LoadError("is not valid: a template's ${ is not closed", "See what `terraform validate` says.")


def _string_end(text: str, start: int) -> int:
    here = start
    while here < len(text):
        if text[here] == '"':
            return here + 1
        if text[here] == "\\":
            here += 2
        elif (match := _OPENING.match(text, here)) is not None:
            here = match.end() if len(match[0]) == 3 else _end(text, match.end())  # noqa: PLR2004  # as above
        else:
            here += 1
    raise LoadError("is not valid: a text in a template is not closed", "See what `terraform validate` says.")


def quoted(text: str) -> str:
    """A plain text."""
    return '"' + _escaped(text) + '"'


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", text)
