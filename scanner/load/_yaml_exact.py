"""YAML exactly as Kubernetes reads it, at a sixth of `ryaml`'s speed. For the rare document where the two differ.

The rules are those of sigs.k8s.io/yaml (its goyaml.v2/resolve.go): YAML 1.1 booleans, octal with a leading 0,
underscores in numbers, merge keys; dates and sexagesimal numbers stay text; mapping keys are text.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from scanner.load._pyyaml import yaml
from scanner.patterns import regex

MAX_DEPTH = 128
"""As deep as `ryaml` goes."""
MAX_VALUES = 1_000_000
"""Values in one document after its aliases are written out; `kubectl` refuses far fewer."""

_WORDS = {
    **dict.fromkeys(("y", "yes", "on", "true"), True),
    **dict.fromkeys(("n", "no", "off", "false"), False),
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INT = regex(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_SPECIAL = regex(r"[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$")
_MAX_DIGITS = 100
"""Python refuses to convert thousands of digits; Kubernetes knows no number of more than twenty."""
_STR = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN = "tag:yaml.org,2002:plain"


class YamlError(ValueError):
    """The document cannot be used; the message names the line where there is one."""


def check_size(text: str) -> None:
    """Refuse a document that grows beyond measure when its aliases are written out, or nests too deeply."""
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in _events(text):
        if isinstance(event, yaml.events.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
        if isinstance(event, yaml.events.AliasEvent):
            total += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.events.NodeEvent):
            total += 1
            if isinstance(event, yaml.events.ScalarEvent) and event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.events.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
        if total > MAX_VALUES or len(open_nodes) > MAX_DEPTH:
            deep = len(open_nodes) > MAX_DEPTH
            what = "nests too deeply" if deep else "grows too large when its aliases are expanded"
            raise YamlError(f"it {what} at line {event.start_mark.line + 1}")


def value(text: str) -> Any:
    """The only document in `text`; raises `YamlError`."""
    check_size(text)
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise YamlError(_sentence(error)) from None
    finally:
        loader.dispose()


def _events(text: str) -> Any:
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise YamlError(_sentence(error)) from None


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem} at line {mark.line + 1}" if mark else " ".join(problem.split())


class _Loader(yaml.CSafeLoader):
    """PyYAML's C parser with Kubernetes's idea of plain scalars."""

    yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(""))], "<": [(_MERGE, re.compile("<<$"))]}  # noqa: RUF012  # as PyYAML declares it
    yaml_constructors = {}  # noqa: RUF012  # likewise


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    _refuse_duplicates(node)
    loader.flatten_mapping(node)
    return {_key(key): loader.construct_object(entry, deep=True) for key, entry in node.value}


def _refuse_duplicates(node: yaml.MappingNode) -> None:
    seen: set[Hashable] = set()
    for key, _ in node.value:
        name = _key(key)
        if name in seen and key.tag != _MERGE:
            raise YamlError(f'duplicate entry with key "{name}" at line {key.start_mark.line + 1}')
        seen.add(name)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise YamlError(f"a key is not text at line {node.start_mark.line + 1}")
    read = _scalar(node.value) if node.tag == _PLAIN else node.value
    if isinstance(read, bool) or read is None:
        return {True: "true", False: "false", None: "null"}[read]
    return str(read)


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(entry, deep=True) for entry in node.value]


def _other(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    """A tag of somebody else's is as `ryaml` gives it: a mapping of the tag to the value."""
    if isinstance(node, yaml.MappingNode):
        return {node.tag: _mapping(loader, node)}
    return {node.tag: _sequence(loader, node) if isinstance(node, yaml.SequenceNode) else node.value}


def _scalar(text: str) -> Any:
    if text in _NULLS:
        return None
    if text.lower() in _WORDS and text in {text.lower(), text.title(), text.upper()}:
        return _WORDS[text.lower()]
    plain = text.replace("_", "")
    if _INT.match(plain) and len(plain) <= _MAX_DIGITS:
        return _int(plain)
    if _FLOAT.match(plain):
        return float(plain)
    return float(text.replace(".", "", 1)) if _SPECIAL.match(text) else text


def _int(text: str) -> int:
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    number = int(digits, 8 if octal else 0)
    return -number if text.startswith("-") else number


_Loader.add_constructor(_PLAIN, lambda _loader, node: _scalar(node.value))
_Loader.add_constructor(_STR, lambda _loader, node: node.value)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
_Loader.add_constructor(_MERGE, lambda _loader, node: node.value)
_Loader.add_multi_constructor("", _other)
