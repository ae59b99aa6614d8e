"""Values that Flux takes from ConfigMaps, as far as those are among the objects that were read.

Source: Flux's `helm-controller` (references are merged in their order, then `spec.values` over them) and
`kustomize-controller` (`substituteFrom` in its order, then `substitute`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from msgspec.structs import replace

from scanner.bodies import at, mapping, text
from scanner.load._charts import flux_variables
from scanner.load._charts.argo_generators import deep
from scanner.load._charts.argo_templates import NOT_KNOWN
from scanner.load._charts.gitops_things import Awaiting, Overlay, Source
from scanner.load._charts.helm import Release
from scanner.model import UnknownRead

MISSING = "values that flux takes from outside the files, not applied"


class Maps:
    """The data of the ConfigMaps in view."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Mapping[str, Any]] = {}

    def add(self, body: Mapping[str, Any]) -> None:
        """Keep what an object holds, where its name and all of its data are known."""
        try:
            name = text(at(body, "metadata", "namespace")), text(at(body, "metadata", "name"))
            self._found[name] = {str(key): text(value) for key, value in mapping(body.get("data")).items()}
        except UnknownRead:
            return

    def data(self, source: Source, namespace: str) -> Mapping[str, Any] | None:
        """What a source holds; None if it is not in view. Secrets never are."""
        return self._found.get((namespace, source.name)) if source.kind == "ConfigMap" else None


def settled(one: Awaiting, maps: Maps) -> tuple[Release | Overlay, bool]:
    """What is installed with the values that are in view, and whether these are all."""
    found = [maps.data(source, one.namespace) for source in one.sources]
    pairs = list(zip(one.sources, found, strict=True))
    inline = orjson.loads(one.inline)
    complete = all(data is not None or source.optional for source, data in pairs)
    if isinstance(one.what, Overlay):
        known = {key: value for data in found for key, value in (data or {}).items()}
        return replace(one.what, variables=flux_variables.written(known | inline, is_open=not complete)), True
    values: Any = {}
    for source, data in pairs:
        values = deep(_values(source, data), values)
    # A single value that is missing is marked as not known, so nothing is lost.
    complete = all(data is not None or source.optional or source.target for source, data in pairs)
    return replace(one.what, inline=orjson.dumps(deep(inline, values)).decode()), complete


def _values(source: Source, data: Mapping[str, Any] | None) -> Any:
    written = text((data or {}).get(source.key), "" if data is not None or source.optional else NOT_KNOWN)
    if not source.target:
        return mapping(flux_variables.parsed(written)) if data is not None else {}
    found: Any = flux_variables.parsed(written) if written else None
    for step in reversed(source.target.split(".") if written else ()):
        found = {step: found}
    return found or {}
