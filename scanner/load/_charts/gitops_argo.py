"""What an Argo CD Application installs from the repository that is scanned.

Sources: the reference of its `Application` (helm and kustomize settings), and `util/helm` and `util/kustomize` for how
it hands them on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from scanner.bodies import at, items, mapping, text
from scanner.load._charts.argo_templates import NOT_KNOWN
from scanner.load._charts.gitops_places import file_inside, inside, is_kustomization, is_repository
from scanner.load._charts.gitops_things import UNCLEAR, Folder, Overlay, Unclear
from scanner.load._charts.helm import CHART, Release, called


def of_application(body: Mapping[str, Any], base: Path) -> Iterator[Release | Overlay | Folder | Unclear]:
    """Each of its sources that lies in this repository."""
    spec = mapping(body.get("spec"))
    namespace = _known(text(at(spec, "destination", "namespace")))
    several = spec.get("sources")
    for source in map(mapping, several if isinstance(several, list) else [spec.get("source")]):
        path, url = text(source.get("path")), text(source.get("repoURL"))
        if NOT_KNOWN in path or NOT_KNOWN in url:
            yield UNCLEAR
        folder = inside(base, path)
        if not folder or not is_repository(url, base):
            continue
        if (folder / CHART).is_file():
            yield _release(body, source, folder, namespace, base)
        elif is_kustomization(folder):
            yield Overlay(folder, namespace, settings=_settings(mapping(source.get("kustomize"))))
        elif namespace and not _leaves_some_out(source):
            yield Folder(folder, namespace, deep=at(source, "directory", "recurse") is True)


def _leaves_some_out(source: Mapping[str, Any]) -> bool:
    return any(text(at(source, "directory", key)) for key in ("include", "exclude"))


def _known(words: str) -> str:
    return "" if NOT_KNOWN in words else words


def _release(
    body: Mapping[str, Any], source: Mapping[str, Any], chart: Path, namespace: str, base: Path
) -> Release | Unclear:
    helm = mapping(source.get("helm"))
    named = [text(file) for file in items(helm.get("valueFiles"))]
    files = [found for file in named if (found := _values_file(file, chart, base))]
    if any(NOT_KNOWN in file for file in named) or len(files) < len(named):
        return UNCLEAR
    may_lack = helm.get("ignoreMissingValueFiles") is True
    inline = mapping(helm.get("valuesObject"))
    parameters = [mapping(one) for one in items(helm.get("parameters")) if mapping(one).get("name")]
    name = text(helm.get("releaseName")) or text(at(body, "metadata", "name"))
    return Release(
        chart,
        _known(name) or called(chart),
        namespace,
        tuple(file for file in files if not may_lack or file.is_file()),
        orjson.dumps(inline).decode() if inline else text(helm.get("values")),
        tuple(_setting(one) for one in parameters if one.get("forceString") is not True),
        tuple(_setting(one) for one in parameters if one.get("forceString") is True),
    )


def _values_file(file: str, chart: Path, base: Path) -> Path | None:
    """`$name/path` begins at the root of a source that was given this name; mostly the same repository."""
    return file_inside(base, chart, f"/{file.partition('/')[2]}" if file.startswith("$") else file)


def _setting(parameter: Mapping[str, Any]) -> str:
    """A comma is no end of a value, unless the value is a list in braces."""
    value = text(parameter.get("value"))
    value = value if value.startswith("{") else value.replace(",", r"\,")
    return f"{text(parameter['name'])}={value}"


def _settings(kustomize: Mapping[str, Any]) -> str:
    """The same as fields of a kustomization."""
    same = ("namePrefix", "nameSuffix", "commonAnnotations", "namespace", "patches")
    found = {key: kustomize[key] for key in same if kustomize.get(key)}
    if images := [_image(text(one)) for one in items(kustomize.get("images"))]:
        found["images"] = images
    if labels := mapping(kustomize.get("commonLabels")):
        bare = kustomize.get("labelWithoutSelector") is True
        templates = bare and kustomize.get("labelIncludeTemplates") is True
        found["labels"] = [{"pairs": labels, "includeSelectors": not bare, "includeTemplates": templates}]
    if replicas := [mapping(one) for one in items(kustomize.get("replicas"))]:
        found["replicas"] = [{"name": text(one.get("name")), "count": _count(one.get("count"))} for one in replicas]
    return orjson.dumps(found).decode() if found else ""


def _image(words: str) -> dict[str, str]:
    """`name=other:tag`, `name:tag` or `name@digest`, as `kustomize edit set image` reads it."""
    before, equals, after = words.partition("=")
    plain, _, digest = (after if equals else before).partition("@")
    path, slash, last = plain.rpartition("/")
    last, _, tag = last.partition(":")
    whole = f"{path}{slash}{last}"
    found = {"name": before if equals else whole, "newName": whole, "newTag": tag, "digest": digest}
    return {key: value for key, value in found.items() if value}


def _count(value: Any) -> int:
    return int(value) if text(value).isdigit() else 1
