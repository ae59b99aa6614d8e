"""Resources as an expression sees them: `resource`, `facts`, and what is not known with the reason; no secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanner import evaluate
from scanner.authoring.look import View
from scanner.model import Path, Unknown
from scanner.redact import MARK, Redactor


def entries(view: View, wanted: str, *, native: bool) -> Iterator[dict[str, Any]]:
    """One plain tree for each resource. What is not known is `{unknown: <reason>}`, what is secret is marked."""
    for resource, facts in view.resources(wanted):
        roots = evaluate.subject(resource, facts.values_for(resource.uid))
        hidden = {("native", *path) for path in (*resource.sensitive, *facts.sensitive(resource.uid))}
        if not native:
            del roots["resource"]["native"]
        yield {
            "resource": _plain(roots["resource"], (), hidden, view.redactor),
            "facts": _plain(roots["facts"], (), set(), view.redactor),
        }


def _plain(value: Any, path: Path, hidden: set[Path], redactor: Redactor) -> Any:
    """The value as JSON and YAML know it."""
    if path in hidden:
        return MARK
    if isinstance(value, Unknown):
        return {"unknown": redactor.text(value.reason)}
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, Mapping):
        shown = redactor.keys_hidden(value)
        return {
            redactor.text(str(key)): MARK if key in shown else _plain(inner, (*path, key), hidden, redactor)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(inner, (*path, number), hidden, redactor) for number, inner in enumerate(value)]
    if isinstance(value, set | frozenset):
        return sorted(_plain(inner, path, hidden, redactor) for inner in value)
    return value if isinstance(value, bool | int | float) or value is None else redactor.text(str(value))


def as_yaml(found: Iterable[Mapping[str, Any]]) -> str:
    """The trees as a YAML list."""
    import yaml  # noqa: PLC0415  # JSON does without

    return str(yaml.safe_dump(list(found), sort_keys=False, allow_unicode=True, width=100, default_flow_style=False))
