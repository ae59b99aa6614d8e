"""What Flux's HelmRelease and Kustomization install from the repository that is scanned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from scanner.bodies import at, items, mapping, text
from scanner.load._charts import flux_variables
from scanner.load._charts.gitops_places import file_inside, inside, is_kustomization
from scanner.load._charts.gitops_things import UNCLEAR, Awaiting, Folder, Overlay, Source, Unclear
from scanner.load._charts.helm import CHART, Release

_AFTERWARDS = Unclear("changes that flux makes to a chart afterwards, not applied")


def of_release(body: Mapping[str, Any], base: Path) -> Iterator[Release | Awaiting | Unclear]:
    """The chart of a HelmRelease. Its values files are named from the root of the repository."""
    spec, namespace = mapping(body.get("spec")), text(at(body, "metadata", "namespace"))
    chart = mapping(at(spec, "chart", "spec"))
    if text(at(spec, "chartRef", "kind")) == "HelmChart":
        yield UNCLEAR
    folder = inside(base, text(chart.get("chart")))
    if not folder or not (folder / CHART).is_file() or not _is_git(chart):
        return
    values = mapping(spec.get("values"))
    files = [file_inside(base, base, text(file)) for file in items(chart.get("valuesFiles"))]
    found = [file for file in files if file]
    if len(found) < len(files):
        yield UNCLEAR
        return
    may_lack = chart.get("ignoreMissingValuesFiles") is True
    release = Release(
        folder,
        text(spec.get("releaseName")) or text(at(body, "metadata", "name")),
        text(spec.get("targetNamespace")) or namespace,
        tuple(file for file in found if not may_lack or file.is_file()),
        orjson.dumps(values).decode() if values else "",
    )
    sources = _sources(spec.get("valuesFrom"))
    yield Awaiting(release, namespace, sources, orjson.dumps(values).decode()) if sources else release
    if spec.get("postRenderers"):
        yield _AFTERWARDS


def of_kustomization(body: Mapping[str, Any], base: Path) -> Iterator[Overlay | Awaiting | Folder]:
    """The folder of a Kustomization."""
    spec = mapping(body.get("spec"))
    folder = inside(base, text(spec.get("path")))
    namespace, builds = text(spec.get("targetNamespace")), "postBuild" in spec
    if not folder or not _is_git(spec):
        return
    inline = mapping(at(spec, "postBuild", "substitute"))
    known = {str(name): text(value) for name, value in inline.items()}
    sources = _sources(at(spec, "postBuild", "substituteFrom"))
    if not is_kustomization(folder):
        variables = flux_variables.written(known, is_open=bool(sources)) if builds else ""
        yield from (
            [Folder(folder, namespace, everywhere=bool(namespace), deep=True, variables=variables)]
            if namespace or builds
            else []
        )
        return
    overlay = Overlay(folder, namespace, everywhere=bool(namespace), settings=_settings(spec))
    waits = Awaiting(overlay, text(at(body, "metadata", "namespace")), sources, orjson.dumps(known).decode())
    yield waits if builds else overlay


def _sources(value: Any) -> tuple[Source, ...]:
    return tuple(
        Source(
            text(one.get("kind")),
            text(one.get("name")),
            text(one.get("valuesKey")) or "values.yaml",
            text(one.get("targetPath")),
            one.get("optional") is True,
        )
        for one in map(mapping, items(value))
        if text(one.get("name"))
    )


def _settings(spec: Mapping[str, Any]) -> str:
    """What it adds to the kustomization; labels of `commonMetadata` reach the objects and not their pods."""
    found = {key: spec[key] for key in ("namePrefix", "nameSuffix", "patches", "images") if spec.get(key)}
    common = mapping(spec.get("commonMetadata"))
    if labels := mapping(common.get("labels")):
        found["labels"] = [{"pairs": labels}]
    if annotations := mapping(common.get("annotations")):
        found["commonAnnotations"] = annotations
    return orjson.dumps(found).decode() if found else ""


def _is_git(spec: Mapping[str, Any]) -> bool:
    return text(at(spec, "sourceRef", "kind")) == "GitRepository"
