"""Kustomizations, as the user's own `kubectl kustomize` or `kustomize build` renders them.

`_charts/rendering` reads them; here is where something stands: in the base that holds the object, in the patch that
changed it, or in the kustomization that sets it for all objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct

from scanner.bodies import peek
from scanner.errors import LoadError
from scanner.load import _yaml, _yaml_places
from scanner.load._charts import made as _rendered
from scanner.load._charts.gitops_things import Overlay
from scanner.load._charts.kustomize_graph import NAMES, Kustomizations
from scanner.load._charts.made import Made
from scanner.load._files import File, Options, read
from scanner.load._text import Place, Text
from scanner.model import Citation, Path

DIALECT = "kubernetes"

_GENERATORS = ("secretGenerator", "configMapGenerator")


class _Match(Struct, frozen=True):
    """A path as one file writes it, and whether what stands there is what was rendered."""

    path: Path
    equal: bool


def places(file: Callable[[], File], citations: Sequence[Citation], options: Options) -> Iterator[Place | None]:
    """Where each citation is written, all of them in what one kustomization renders."""
    from scanner.load._charts import again as rendered_again  # noqa: PLC0415  # only what has findings is rendered twice

    return rendered_again.places(file, citations, options, Overlay, _place)


def _place(made: Made, path: Path, overlay: Overlay, options: Options) -> Place | None:
    """The value itself, in the base, a patch or the kustomization; else the deepest part that the base has."""
    if made.source.name in NAMES:
        return _generated(made, options)
    base = _best(_matches(_text(made.source, options), made.body, path))
    if base and base.equal:
        return _yaml_places.places(_text(made.source, options), [base.path])[0]
    used = sorted(FilePath(one) for one in Kustomizations([_rendered.file_in(overlay.folder)]).uses(overlay.folder))
    for file in (one for one in used if one.is_file() and one != made.source):
        text = _text(file, options)
        found = _setting(text, made.body, path) if file.name in NAMES else _patch(text, made.body, path)
        if found:
            return _yaml_places.places(text, [found])[0]
    return _yaml_places.places(_text(made.source, options), [base.path if base else (0,)])[0]


def _text(file: FilePath, options: Options) -> Text:
    found = read(file, options)
    return Text(found.uri, found.text)


def _matches(text: Text, body: Mapping[str, Any], path: Path) -> Iterator[_Match]:
    """The path in every document of a file that may be the object before it was changed."""
    for number, value in _values(text):
        if _is_same(value, body):
            yield _translated((number,), path, body, value)


def _values(text: Text) -> Iterator[tuple[int, Any]]:
    for piece in _yaml.pieces(text.text):
        try:
            yield piece.number, _yaml.value(piece)
        except LoadError:
            continue


def _best(matches: Iterator[_Match]) -> _Match | None:
    return max(matches, key=lambda match: (match.equal, len(match.path)), default=None)


def _is_same(written: Any, body: Mapping[str, Any]) -> bool:
    """Whether a document is of the object's kind and may have its name: prefixes, suffixes and hashes are added."""
    if not isinstance(written, dict) or written.get("kind") != body.get("kind"):
        return False
    metadata, rendered = written.get("metadata"), body.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(rendered, dict):
        return False
    return str(metadata.get("name")) in str(rendered.get("name"))


def _translated(start: Path, path: Path, rendered: Any, written: Any) -> _Match:
    """The path as far as the file has it. Entries of lists are found by their name, because patches move them."""
    found = start
    for step in path:
        rendered = peek(rendered, step)
        own = _index(written, step, rendered) if isinstance(step, int) else step
        following = peek(written, own)
        if following is None:
            return _Match(found, equal=False)
        found, written = (*found, own), following
    return _Match(found, equal=written == rendered)


def _index(written: Any, step: int, rendered: Any) -> int:
    name = rendered.get("name") if isinstance(rendered, dict) else None
    if name is None or not isinstance(written, list):
        return step
    named = (n for n, entry in enumerate(written) if isinstance(entry, dict) and entry.get("name") == name)
    return next(named, len(written))


def _patch(text: Text, body: Mapping[str, Any], path: Path) -> Path | None:
    """Where a patch sets just this value: a part of the object, or an operation of JSON Patch."""
    for number, value in _values(text):
        if _is_same(value, body):
            match = _translated((number,), path, body, value)
            if match.equal:
                return match.path
        for index, operation in enumerate(value if isinstance(value, list) else ()):
            if isinstance(operation, dict) and _pointer(path) == operation.get("path"):
                return (number, index, "value")
    return None


def _pointer(path: Path) -> str:
    """As JSON Pointer writes it (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _setting(text: Text, body: Mapping[str, Any], path: Path) -> Path | None:
    """What a kustomization says for all objects, or in a patch written in place, about this value."""
    value = next((value for _, value in _values(text)), None)
    if not isinstance(value, dict):
        return None
    if path == ("metadata", "namespace") and value.get("namespace") == peek(body.get("metadata"), "namespace"):
        return (0, "namespace")
    for index, patch in enumerate(value["patches"] if isinstance(value.get("patches"), list) else ()):
        written = patch.get("patch") if isinstance(patch, dict) else None
        if isinstance(written, str) and _patch(Text("", written), body, path):
            return (0, "patches", index, "patch")
    if path[-1:] == ("image",):
        return _image(value, str(peek(body, *path)))
    return None


def _image(value: Mapping[str, Any], rendered: str) -> Path | None:
    for index, image in enumerate(value["images"] if isinstance(value.get("images"), list) else ()):
        called = (image.get("newName") or image.get("name")) if isinstance(image, dict) else None
        if isinstance(called, str) and rendered.startswith(called):
            return (0, "images", index)
    return None


def _generated(made: Made, options: Options) -> Place | None:
    """The generator of a kustomization that made the object, found by its name, to which a hash was added."""
    text = _text(made.source, options)
    value = next((value for _, value in _values(text)), None)
    name = str(peek(made.body.get("metadata"), "name"))
    for key in _GENERATORS:
        for index, entry in enumerate(peek(value, key) or ()):
            if isinstance(entry, dict) and str(entry.get("name")) in name:
                return _yaml_places.places(text, [(0, key, index)])[0]
    return text.head(0, len(text.text))
