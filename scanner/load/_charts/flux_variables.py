"""Variables in what a Flux Kustomization builds: `${name}`, with a default or without.

Source: the documentation of Flux's `postBuild`, and the library it uses (`drone/envsubst`). Of its many operators only
defaults are followed; what another one makes is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
import ryaml
from msgspec import Struct

from scanner.bodies import at, text
from scanner.load._charts.argo_templates import NOT_KNOWN
from scanner.model import Unknown
from scanner.patterns import regex

_VARIABLE = regex(r"\$\$\{|\$\{([A-Za-z_]\w*)((?::=|:-|=|-)?)([^}]*)\}")
UNKNOWN = Unknown("Flux takes it from a place that is not in the repository, or makes it in a way not followed here")
_SWITCH = "kustomize.toolkit.fluxcd.io/substitute"


class Variables(Struct, frozen=True):
    """What is known of them."""

    known: Mapping[str, str]
    open: bool = False
    """Some come from where nobody looks: the rest is not known, not empty."""


def written(known: Mapping[str, Any], *, is_open: bool) -> str:
    """As an `Overlay` keeps them."""
    return orjson.dumps({"known": {name: text(value) for name, value in known.items()}, "open": is_open}).decode()


def read(words: str) -> Variables:
    """What `written` wrote."""
    found = orjson.loads(words)
    return Variables(found["known"], found["open"])


def wants_none(body: Any) -> bool:
    """Whether an object says that it is to be left alone."""
    return any(text(at(body, "metadata", place, _SWITCH)) == "disabled" for place in ("labels", "annotations"))


def substituted(words: str, variables: Variables) -> str:
    """The text with its variables replaced."""
    return _VARIABLE.sub(lambda found: _one(found, variables), words)


def replaced(body: Any, variables: Variables) -> Any:
    """A body with its variables replaced; `UNKNOWN` where that is not known, a number where the text is one then."""
    if isinstance(body, dict):
        return body if wants_none(body) else {key: replaced(value, variables) for key, value in body.items()}
    if isinstance(body, list):
        return [replaced(value, variables) for value in body]
    if not isinstance(body, str) or "${" not in body:
        return body
    words = substituted(body, variables)
    if NOT_KNOWN in words:
        return UNKNOWN
    whole = _VARIABLE.fullmatch(body)
    return _scalar(words) if whole and whole[1] else words


def _scalar(words: str) -> Any:
    """What YAML makes of a text that stands alone."""
    value = parsed(words)
    return words if isinstance(value, dict | list) else value


def parsed(words: str) -> Any:
    """What YAML makes of a text; the text where that is none."""
    try:
        return ryaml.loads(words)
    except ValueError:
        return words


def _one(found: re.Match[str], variables: Variables) -> str:
    name, operator, rest = found.groups()
    if name is None:
        return "${"
    if rest and not operator:
        return NOT_KNOWN
    value = variables.known.get(name)
    if value or (value is not None and operator in {"", "-", "="}):
        return value
    return NOT_KNOWN if variables.open and value is None else rest
