"""Reads Kubernetes manifests: YAML streams and JSON, objects and lists of objects.

A body is one object as written, with `apiVersion` and `kind`. Entries of a typed list (`PodList`) that leave these
out, as the API does, get them from the list. Everything else that is YAML is not ours and no trouble. What
still has to be rendered (charts, kustomizations, other templates) is passed over under its own name; of a kustomization
only the secrets that it makes are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import re2
from msgspec.structs import replace

from scanner.errors import LoadError
from scanner.load import _json_strict, _yaml, _yaml_definitions, _yaml_places
from scanner.load._charts import kustomize as _kustomize
from scanner.load._charts.kustomize_graph import NAMES as KUSTOMIZATION_NAMES
from scanner.load._files import File, Options, Scope, Skip
from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text
from scanner.model import Citation, Document, Ledger, Origin, Path, Unknown
from scanner.patterns import regex

DIALECT = "kubernetes"
SOURCE = "kubernetes_manifest"
SUFFIXES = (".yaml", ".yml", ".json")
SCOPE = Scope.FOLDER

_NOT_OURS = "not infrastructure"
_CHART = "helm chart, not rendered"
_HELM_TEMPLATE = "helm template, not rendered"
_TEMPLATE = "template, not rendered"
_KUSTOMIZATION = "kustomization, not rendered"
_PATCH = "kustomize patch, not rendered"
_OF_CHARTS = frozenset({"templates", "crds"})
_INSTALLERS = (b"argoproj.io/", b"toolkit.fluxcd.io/")
_NO_OBJECTS = "Give each entry its `apiVersion` and `kind`."
_KUSTOMIZE = "kustomize.config.k8s.io/"
_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""Kinds of `apps/v1` that Kubernetes refuses without `spec.selector`; a patch of one leaves it out."""
_WORDS = ("apiVersion", "kind")
_SPELLED = {
    word: re2.compile('"' + "".join(f"(?:{one}|(?i:\\\\(?:x|u00|U000000){ord(one):02x}))" for one in word) + '"[ \t]*:')
    for word in _WORDS
}
"""The words as keys in which letters may be written by their numbers: a file may speak of kinds in no word of them."""

_LOOKS_LIKE_ONE = regex(r"""^["']?apiVersion["']?[ \t]*:|^[^\S\n]*\{""", re.MULTILINE)


def claims(file: File) -> bool:
    """Whether the file speaks of API versions and kinds at all, or is part of a chart or a kustomization."""
    return all(_speaks_of(word, file.data) for word in _WORDS) or _unrendered(file) != ""


def _speaks_of(word: str, data: bytes) -> bool:
    return word.encode() in data or (b"\\" in data and _SPELLED[word].search(data) is not None)


def renders(file: File, *, alone: bool) -> bool:
    """Whether a file says that something is to be rendered: a chart, a kustomization, or who installs one.

    A file that was named by itself may be any part of a chart.
    """
    name = PurePosixPath(file.uri).name
    tells = name == "Chart.yaml" or name in KUSTOMIZATION_NAMES or (alone and _unrendered(file) != "")
    return tells or names_installer(file.data)


def names_installer(data: bytes) -> bool:
    """Whether a text speaks of Argo CD or Flux, which install more of the repository."""
    return any(word in data for word in _INSTALLERS)


def documents(file: File, ledger: Ledger, *, schemas: bool = True) -> Iterator[Document]:
    """One document an object, with the document's number in the stream as the pointer's first element.

    Without `schemas`, those of CustomResourceDefinitions may be unknown.
    """
    reason, found = _unrendered(file), False
    if reason and not (reason == _KUSTOMIZATION and b"secretGenerator" in file.data):
        raise Skip(reason)
    reason = reason or _NOT_OURS
    for pointer, value in _values(file, ledger, _yaml.value if schemas else _yaml_definitions.value):
        if not is_object(value):
            continue
        if value["apiVersion"].startswith(_KUSTOMIZE):
            reason = _KUSTOMIZATION
            yield from _generator(value, file.uri, pointer)
        elif _is_part(value) and file.path is not None and _kustomize.is_beside(file.path):
            reason = _PATCH
        else:
            found = True
            lost: list[Path] = []
            yield from objects(value, Origin(file.uri, SOURCE, pointer), lost)
            if lost:
                ledger.problem("load", file.uri, f"holds {len(lost)} list entries that are no objects", _NO_OBJECTS)
    if not found:
        raise Skip(reason)


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """Where each citation is written, all of them in one file."""
    told = file()
    text = Text(citations[0].origin.uri, told.text)
    paths = [(*citation.origin.pointer, *citation.path) for citation in citations]
    # Pointers into a YAML stream begin with a document's number, those into JSON with a key or nothing.
    if all(citation.origin.pointer and isinstance(citation.origin.pointer[0], int) for citation in citations):
        yield from _yaml_places.places(text, paths)
        return
    found = JsonPlaces(text, told.data)
    yield from (found.find(path) for path in paths)


def _unrendered(file: File) -> str:
    """Why a file must not be read as it is, from where it lies; empty if it may."""
    name = PurePosixPath(file.uri).name
    if name in KUSTOMIZATION_NAMES:
        return _KUSTOMIZATION
    if file.path is None or not name.endswith((".yaml", ".yml")):
        return ""
    if name == "Chart.yaml" or (name.startswith("values") and (file.path.parent / "Chart.yaml").is_file()):
        return _CHART
    if _kustomize.is_patch(file.path):
        return _PATCH
    path = file.path.absolute()
    if _OF_CHARTS.isdisjoint(path.parts) or b"{{" not in file.data:
        return ""
    folders = [folder for folder in path.parents if folder.name in _OF_CHARTS]
    return _HELM_TEMPLATE if any((folder.parent / "Chart.yaml").is_file() for folder in folders) else ""


def _values(file: File, ledger: Ledger, read: Callable[[_yaml.Piece], Any]) -> Iterator[tuple[Path, Any]]:
    if file.data.lstrip()[:1] in (b"{", b"[") and not file.uri.endswith((".yaml", ".yml")):
        yield (), _json_strict.value(file)
        return
    broken: list[LoadError] = []
    template = False
    for piece in _yaml.pieces(file.text):
        if "apiVersion" not in piece.text and not _speaks_of("apiVersion", piece.text.encode()):
            continue
        try:
            yield (piece.number,), read(piece)
        except LoadError as error:
            if "{{" in piece.text or "{%" in piece.text:
                template = True
            elif _LOOKS_LIKE_ONE.search(piece.text):
                broken.append(error)
    for damage in broken:
        ledger.problem("load", file.uri, damage.message, damage.hint)
    if template:
        raise Skip(_TEMPLATE)


def is_object(value: Any) -> bool:
    """Whether a value says of which kind it is, as every object of Kubernetes does."""
    return isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)


def _generator(value: Mapping[str, Any], uri: str, pointer: Path) -> Iterator[Document]:
    """A kustomization that makes secrets, as their literals stand in it. It is named after its folder."""
    if "secretGenerator" in value:
        named = {"metadata": {"name": PurePosixPath(uri).parent.name or "kustomization"}, **value}
        yield Document(DIALECT, named, Origin(uri, SOURCE, pointer, address_of(named)))


def _is_part(value: Mapping[str, Any]) -> bool:
    """Whether it cannot be a whole object; with a kustomization beside it, it is a patch that is switched off."""
    if value["kind"] not in _SELECTING or not value["apiVersion"].startswith("apps/"):
        return False
    spec = value.get("spec")
    return not isinstance(spec, dict) or not spec.get("selector")


def objects(value: Mapping[str, Any], origin: Origin, lost: list[Path]) -> Iterator[Document]:
    """The object itself, or the entries of a list, also of a list of lists; `lost` gets the places of other entries."""
    items = value.get("items")
    if not isinstance(items, list) or not _is_list(value, items):
        yield Document(DIALECT, value, replace(origin, address=address_of(value)))
        return
    typed = {"apiVersion": value["apiVersion"], "kind": value["kind"].removesuffix("List")}
    for index, item in enumerate(items):
        here = (*origin.pointer, "items", index)
        whole = {**typed, **item} if isinstance(item, dict) and not is_object(item) else item
        if is_object(whole) and whole["kind"]:
            yield from objects(whole, replace(origin, pointer=here), lost)
        else:
            lost.append(here)


def _is_list(value: Mapping[str, Any], items: Sequence[Any]) -> bool:
    """Whether it stands for its entries. kubectl takes whatever has `items` for a list, whatever it is called."""
    plain = value["kind"] == "List" or (value["kind"].endswith("List") and "spec" not in value)
    return plain or any(map(is_object, items))


def address_of(body: Mapping[str, Any]) -> str:
    """`namespace/Kind/name`, or `Kind/name` where no namespace is written."""
    metadata = body.get("metadata")
    known = metadata if isinstance(metadata, dict) else {}
    plain = {key: "(unknown)" if isinstance(value, Unknown) else value for key, value in known.items()}
    name = plain.get("name") or (f"{plain['generateName']}*" if plain.get("generateName") else "(unnamed)")
    namespace = plain.get("namespace")
    return f"{namespace}/{body['kind']}/{name}" if namespace else f"{body['kind']}/{name}"
