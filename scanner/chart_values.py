"""Values of a chart, where an object asks for its installation: a release of Flux, an application of Argo CD."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
import ryaml

from scanner.bodies import at, items, mapping, text
from scanner.model import Path

HOLDERS = frozenset({"helm.toolkit.fluxcd.io/HelmRelease", "argoproj.io/Application"})
"""Kinds of objects that may hold values."""


def values_of(native_type: str, body: Mapping[str, Any], charts: Collection[str]) -> Iterator[Path]:
    """Where an object holds values of one of these charts."""
    if native_type == "helm.toolkit.fluxcd.io/HelmRelease":
        if text(at(body, "spec", "chart", "spec", "chart")) in charts:
            yield ("spec", "values")
    elif native_type == "argoproj.io/Application":
        several: list[Path] = [("spec", "sources", n) for n, _ in enumerate(items(at(body, "spec", "sources")))]
        for source in [*several, ("spec", "source")]:
            if text(at(body, *source, "chart")) in charts:
                inline = at(body, *source, "helm", "valuesObject")
                yield (*source, "helm", "valuesObject" if inline else "values")


def as_mapping(value: Any) -> Mapping[Any, Any]:
    """A mapping as it is, or as YAML or JSON text holds it; empty for everything else."""
    return mapping(parsed(value) if isinstance(value, str) else value)


def parsed(words: str) -> Any:
    """What a text holds; None if it is neither YAML nor JSON, which is read faster."""
    readers = (orjson.loads, ryaml.loads) if words.lstrip().startswith("{") else (ryaml.loads,)
    for read in readers:
        try:
            return read(words)
        except ValueError:
            continue
    return None
