"""What a tool made of a chart or a kustomization: objects, and the file that each came from."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson
from msgspec import Struct

from scanner.bodies import put_for
from scanner.load import _yaml
from scanner.load._charts import flux_variables, helm, tools
from scanner.load._charts.argo_templates import NOT_KNOWN
from scanner.load._charts.gitops_things import Overlay
from scanner.load._charts.helm import Release
from scanner.load._charts.kustomize_graph import NAMES
from scanner.load._yaml import Piece
from scanner.model import Unknown
from scanner.patterns import regex

T = TypeVar("T", Release, Overlay)
_SOURCE = regex(r"^# Source: (\S+)", re.MULTILINE)
_MADE_UP = Unknown("Helm makes it up anew whenever the chart is rendered")
_OF_CLUSTER = Unknown("a controller takes it from the cluster, or another place that is not in the repository")
_ORIGIN = "config.kubernetes.io/origin"
_CHANGES = "alpha.config.kubernetes.io/transformations"


class Made(Struct, frozen=True):
    """One object that was rendered."""

    number: int
    """Of the document in the rendered stream, from 0."""
    body: Mapping[str, Any]
    source: Path
    """The template, or the file of a base, that it was made from; the chart or kustomization where that is not told."""


_KEPT: dict[Release | Overlay, tuple[bytes, Path]] = {}
"""What was rendered in this process, compressed, and the folder it was rendered in: positions are looked up in it."""


def of_chart(release: Release, *, again: bool = False) -> Iterator[Made]:
    """The objects of a release; raises `LoadError`. `again` is for those who know that nothing changed since."""
    text, _ = _text(release, _helm_template, again=again)
    other = helm.render(release) if helm.makes_things_up(release.chart) else text
    others = {piece.number: piece for piece in _yaml.pieces(other)} if other != text else {}
    for piece in _yaml.pieces(text):
        body = _yaml.value(piece)
        if piece.number in others:
            body = _steady(body, _yaml.value(others[piece.number]))
        if NOT_KNOWN in piece.text:
            body = _honest(body)
        if isinstance(body, dict):
            yield Made(piece.number, _without_stand_in(body), _template(piece.text, release))


def _honest(value: Any) -> Any:
    """A value without the stand-in for what nobody knows."""
    return put_for(value, NOT_KNOWN, _OF_CLUSTER)


def _steady(first: Any, second: Any) -> Any:
    """A value as both renderings have it; what differs is not known until the chart is installed."""
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        return {key: _steady(value, second[key]) for key, value in first.items()}
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [_steady(*pair) for pair in zip(first, second, strict=True)]
    return first if first == second else _MADE_UP


def _helm_template(release: Release) -> tuple[str, Path]:
    return helm.render(release), release.chart


def _text(what: T, render: Callable[[T], tuple[str, Path]], *, again: bool) -> tuple[str, Path]:
    if not again or what not in _KEPT:
        text, here = render(what)
        _KEPT[what] = zlib.compress(text.encode(), 1), here
    data, here = _KEPT[what]
    return zlib.decompress(data).decode(), here


def _template(text: str, release: Release) -> Path:
    """Helm writes the template's path above each document, beginning with the chart's name."""
    told = _SOURCE.search(text)
    path = release.chart.joinpath(*told[1].split("/")[1:]) if told else release.source
    return path if path.is_file() else release.source


def _without_stand_in(body: dict[str, Any]) -> dict[str, Any]:
    metadata = body.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(namespace, str) and namespace == helm.UNNAMED:
        return {**body, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}
    return body


def can_build() -> bool:
    """Whether the user has a program that renders kustomizations."""
    return bool(tools.find("kustomize", "kubectl"))


def of_kustomization(overlay: Overlay, *, again: bool = False) -> Iterator[Made]:
    """The objects of a kustomization; raises `LoadError`. `again` is as for charts."""
    text, here = _text(overlay, _build, again=again)
    for piece in _yaml.pieces(text):
        body = _filled(_yaml.value(piece), piece, overlay.variables)
        if isinstance(body, dict):
            plain, origin = _without_notes(_honest(body) if _may_be_unknown(piece, overlay) else body)
            yield Made(piece.number, plain, _file(origin, here) or file_in(overlay.folder))


def _may_be_unknown(piece: Piece, overlay: Overlay) -> bool:
    return NOT_KNOWN in piece.text or bool(overlay.variables)


def _filled(body: Any, piece: Piece, variables: str) -> Any:
    """The object as Flux applies it: it replaces variables in the text of each."""
    if not variables or "${" not in piece.text or flux_variables.wants_none(body):
        return body
    text = flux_variables.substituted(piece.text, flux_variables.read(variables))
    return next((_yaml.value(one) for one in _yaml.pieces(text)), None)


def _build(overlay: Overlay) -> tuple[str, Path]:
    """What kustomize makes of a kustomization of ours around this one, which asks for the origin of each object."""
    command = [tool, "build"] if (tool := tools.find("kustomize")) else [tools.find("kubectl"), "kustomize"]
    with TemporaryDirectory(prefix="govscan-") as wrapper:
        here = Path(os.path.realpath(wrapper))
        own = {"resources": [os.path.relpath(overlay.folder, here)], "buildMetadata": ["originAnnotations"]}
        settings = orjson.loads(overlay.settings or "{}")
        (here / "kustomization.yaml").write_bytes(orjson.dumps({**settings, **own}))
        return tools.run([*command, str(here)], here), here


def file_in(folder: Path) -> Path:
    """The file that a kustomization is written in."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), folder / NAMES[0])


def _without_notes(body: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The object as it would be applied, and what kustomize noted of its origin."""
    metadata = body.get("metadata")
    notes = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(notes, dict):
        return body, {}
    kept = {key: value for key, value in notes.items() if key not in {_ORIGIN, _CHANGES}}
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    plain = {**body, "metadata": {**rest, **({"annotations": kept} if kept else {})}}
    origin = next((_yaml.value(piece) for piece in _yaml.pieces(str(notes.get(_ORIGIN, "")))), None)
    return plain, origin if isinstance(origin, dict) else {}


def _file(origin: Mapping[str, Any], wrapper: Path) -> Path | None:
    """Where the object was written, or the kustomization that generated it."""
    told = origin.get("path") or origin.get("configuredIn")
    if not isinstance(told, str):
        return None
    path = Path(os.path.normpath(wrapper / told))
    return path if path.is_file() else None
