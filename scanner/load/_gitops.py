"""What Argo CD and Flux install from the repository that is scanned: a chart with these values, a kustomization, where.

Sources: the references of Argo CD's `Application` (and `ApplicationSet`, whose templates are not filled in here), of
Flux's `HelmRelease` and `Kustomization`. Paths in them are relative to the repository's root.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from scanner.load._helm import CHART, Release
from scanner.load._kustomize_graph import NAMES
from scanner.patterns import regex

_URL = regex(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)
_REPOSITORY = regex(r"[/:]([^/:]+/[^/]+?)(?:\.git)?/?$")
_ARGO = "argoproj.io/"
_FLUX_HELM = "helm.toolkit.fluxcd.io/"
_FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/"


class Overlay(Struct, frozen=True):
    """A kustomization as it is installed."""

    folder: Path
    namespace: str = ""
    """Empty where that is not known."""
    everywhere: bool = False
    """The namespace replaces those that objects name, as Flux's `targetNamespace` does."""


def installs(body: Mapping[str, Any], base: Path) -> Iterator[Release | Overlay]:
    """What an object tells its controller to install from the repository at `base`; nothing for any other object."""
    kind, group = body.get("kind"), str(body.get("apiVersion"))
    spec = _mapping(body.get("spec"))
    if group.startswith(_ARGO) and kind == "Application":
        yield from _of_argo(body, spec, base)
    elif group.startswith(_FLUX_HELM) and kind == "HelmRelease":
        yield from _of_flux_release(body, spec, base)
    elif group.startswith(_FLUX_KUSTOMIZE) and kind == "Kustomization":
        folder = _inside(base, _text(spec.get("path")))
        if folder and _is_kustomization(folder) and _is_git(spec):
            namespace = _text(spec.get("targetNamespace"))
            yield Overlay(folder, namespace, everywhere=bool(namespace))


def _of_argo(body: Mapping[str, Any], spec: Mapping[str, Any], base: Path) -> Iterator[Release | Overlay]:
    namespace = _text(_mapping(spec.get("destination")).get("namespace"))
    several = spec.get("sources")
    for source in map(_mapping, several if isinstance(several, list) else [spec.get("source")]):
        folder = _inside(base, _text(source.get("path")))
        if not folder or not _is_repository(_text(source.get("repoURL")), base):
            continue
        if (folder / CHART).is_file():
            yield _argo_release(body, source, folder, namespace, base)
        elif _is_kustomization(folder):
            yield Overlay(folder, namespace)


def _argo_release(
    body: Mapping[str, Any], source: Mapping[str, Any], chart: Path, namespace: str, base: Path
) -> Release:
    helm = _mapping(source.get("helm"))
    named = [_text(file) for file in _list(helm.get("valueFiles"))]
    inline = _mapping(helm.get("valuesObject"))
    parameters = [_mapping(one) for one in _list(helm.get("parameters"))]
    return Release(
        chart,
        _text(helm.get("releaseName")) or _name(body),
        namespace,
        tuple(_values_file(file, chart, base) for file in named),
        orjson.dumps(inline).decode() if inline else _text(helm.get("values")),
        tuple(f"{_text(one.get('name'))}={_text(one.get('value'))}" for one in parameters if one.get("name")),
    )


def _values_file(file: str, chart: Path, base: Path) -> Path:
    """`$name/path` begins at the root of a source that was given this name; mostly the same repository."""
    return base.joinpath(*file.split("/")[1:]) if file.startswith("$") else chart / file


def _of_flux_release(body: Mapping[str, Any], spec: Mapping[str, Any], base: Path) -> Iterator[Release]:
    chart = _mapping(_mapping(spec.get("chart")).get("spec"))
    folder = _inside(base, _text(chart.get("chart")))
    if not folder or not (folder / CHART).is_file() or not _is_git(chart):
        return
    values = _mapping(spec.get("values"))
    yield Release(
        folder,
        _text(spec.get("releaseName")) or _name(body),
        _text(spec.get("targetNamespace")) or _text(_mapping(body.get("metadata")).get("namespace")),
        tuple(folder / _text(file) for file in _list(chart.get("valuesFiles"))),
        orjson.dumps(values).decode() if values else "",
    )


def _is_git(spec: Mapping[str, Any]) -> bool:
    return _mapping(spec.get("sourceRef")).get("kind") == "GitRepository"


def _inside(base: Path, path: str) -> Path | None:
    """The folder that a path from the repository's root leads to; None if it leaves the repository or is not there."""
    if not path or "\0" in path:
        return None
    folder = Path(os.path.realpath(base / path.lstrip("/")))
    return folder if folder.is_dir() and folder.is_relative_to(os.path.realpath(base)) else None


def _is_kustomization(folder: Path) -> bool:
    return any((folder / name).is_file() for name in NAMES)


def _is_repository(url: str, base: Path) -> bool:
    """Whether a URL is one that this checkout was cloned from; taken for granted where the checkout does not say."""
    try:
        known = _URL.findall((_git_folder(base) / "config").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return True
    return not known or _repository(url) in {_repository(one) for one in known}


def _git_folder(base: Path) -> Path:
    """Where git keeps its settings; a linked worktree and a submodule only point there."""
    folder = base / ".git"
    if folder.is_file():
        folder = base / folder.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
        common = folder / "commondir"
        folder = folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder
    return folder


def _repository(url: str) -> str:
    """`owner/name`, however the URL is written (HTTPS, SSH, with `.git` or without)."""
    found = _REPOSITORY.search(url)
    return (found[1] if found else url).lower()


def _name(body: Mapping[str, Any]) -> str:
    return _text(_mapping(body.get("metadata")).get("name"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool | int | float) else ""
