"""The Applications that an ApplicationSet makes.

Source: argo-cd `applicationset/utils/utils.go` and its documentation of templates and template patches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner.bodies import items, mapping, text
from scanner.errors import LoadError
from scanner.load import _yaml
from scanner.load._charts.argo_generators import Site, deep, given_by
from scanner.load._charts.argo_templates import NOT_KNOWN, Given, Style, filled, patches


def applications(spec: Mapping[str, Any], base: Path) -> Iterator[Mapping[str, Any]]:
    """Every Application, with `NOT_KNOWN` where the repository does not tell; raises `LoadError`."""
    style = Style(spec.get("goTemplate") is True, "missingkey=error" in items(spec.get("goTemplateOptions")))
    site = Site(base, style)
    for generator in map(mapping, items(spec.get("generators"))):
        sets = given_by(generator, site)
        template = deep(_own_template(generator), mapping(spec.get("template")))
        found = filled(template, sets, style)
        yield from _patched(found, text(spec.get("templatePatch")), sets, style)


def _own_template(generator: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a generator writes over the template of all; empty fields write nothing."""
    bodies = (mapping(one) for one in generator.values())
    return mapping(next((_without_empty(body["template"]) for body in bodies if "template" in body), None))


def _without_empty(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {key: _without_empty(inner) for key, inner in value.items()}
    return {key: inner for key, inner in kept.items() if inner not in ({}, "", None)}


def _patched(found: Sequence[Any], patch: str, sets: Sequence[Given], style: Style) -> Iterator[Mapping[str, Any]]:
    if not patch or not style.go:
        yield from found
        return
    for application, words in zip(found, patches(patch, sets, style), strict=True):
        if words == NOT_KNOWN:
            raise LoadError("has a patch that files alone do not tell", "Scan the folders by themselves.")
        change = _yaml.value(next(iter(_yaml.pieces(words)))) if words.strip() else {}
        yield _after(application, change) if isinstance(change, list) else _merged(application, mapping(change))


def _merged(value: Any, change: Any) -> Any:
    """As a merge patch: null removes, lists are replaced."""
    if not isinstance(change, Mapping):
        return change
    before = mapping(value)
    kept = {key: inner for key, inner in before.items() if key not in change}
    return {**kept, **{key: _merged(before.get(key), one) for key, one in change.items() if one is not None}}


def _after(value: Any, operations: Sequence[Any]) -> Any:
    """As a JSON patch (RFC 6902) of additions, replacements and removals."""
    for operation in map(mapping, operations):
        steps = [step.replace("~1", "/").replace("~0", "~") for step in text(operation.get("path")).split("/")[1:]]
        value = _changed(value, steps, operation)
    return value


def _changed(value: Any, steps: Sequence[str], operation: Mapping[str, Any]) -> Any:
    if not steps:
        return operation.get("value")
    step, removes = steps[0], operation.get("op") == "remove" and len(steps) == 1
    if isinstance(value, list):
        number = len(value) if step == "-" else int(step) if step.isdigit() else len(value)
        inserts = operation.get("op") == "add" and len(steps) == 1
        inner = value[number] if number < len(value) else None
        new = [] if removes else [_changed(inner, steps[1:], operation)]
        return [*value[:number], *new, *value[number if inserts else number + 1 :]]
    before = dict(mapping(value))
    inner = before.pop(step, None)
    return before if removes else {**before, step: _changed(inner, steps[1:], operation)}
