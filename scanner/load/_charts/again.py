"""Objects of charts and kustomizations found once more, for what has findings: who asks says where they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, TypeVar

from scanner.errors import LoadError
from scanner.load import kubernetes_manifest
from scanner.load._charts import gitops
from scanner.load._charts.gitops_things import Awaiting, Folder, Overlay, Unclear
from scanner.load._charts.helm import Release
from scanner.load._charts.kustomize_graph import NAMES
from scanner.load._charts.made import Made
from scanner.load._charts.rendering import chart_of, made, releases_of, settled
from scanner.load._files import File, Options, read, uri_of
from scanner.load._text import Place, Text
from scanner.model import Citation, Ledger, Origin, Path

T = TypeVar("T", bound=Release | Overlay)


def places(
    file: Callable[[], File],
    citations: Sequence[Citation],
    options: Options,
    kind: type[T],
    find: Callable[[Made, Path, T, Options], Place | None],
) -> Iterator[Place | None]:
    """Where each citation is written, all of them in what one file installs; its first line if that fails now.

    `find` looks for a path into a rendered object in what it was made from.
    """
    for citation in citations:
        try:
            what, one, inside = _found_again(citation.origin, options)
        except (LoadError, IndexError, StopIteration):
            yield Text(citation.origin.uri, file().text).head(0, 1)
            continue
        yield find(one, (*inside, *citation.path), what, options) if isinstance(what, kind) else None


def _found_again(origin: Origin, options: Options) -> tuple[Release | Overlay, Made, Path]:
    """What was rendered, the object that an origin is about, and the rest of its pointer, inside that object.

    Raises `LoadError` if it cannot be rendered any more, `IndexError` if it renders to something else.
    """
    what, pointer = _outermost(origin, options)
    one, rest = _object(what, pointer)
    while rest and isinstance(rest[0], int):
        what = _installed_by(one.body, rest[0], options)
        one, rest = _object(what, rest[1:])
    return what, one, rest


def _outermost(origin: Origin, options: Options) -> tuple[Release | Overlay, Path]:
    """What was rendered from files, and where in it the object is."""
    pointer = origin.pointer
    path = options.base / origin.uri
    charts = (chart.folder for chart in options.kubernetes.charts if path in chart.values)
    if chart := next(charts, None) or chart_of(path.parent):
        release = next(one for one in releases_of(chart, options) if uri_of(one.source, options.base) == origin.uri)
        return release, pointer
    if path.name in NAMES:
        return Overlay(path.parent), pointer
    depth = next(depth for depth in range(1, len(pointer), 2) if pointer[depth] != "items")
    body = _manifest(path, options, pointer[:depth])
    return _installed_by(body, pointer[depth], options), pointer[depth + 1 :]


def _installed_by(body: Any, number: str | int, options: Options) -> Release | Overlay:
    what = list(gitops.installs(body, options.base))[int(number)]
    if isinstance(what, Unclear | Folder):
        raise IndexError
    return settled(what) if isinstance(what, Awaiting) else what


def _manifest(path: FilePath, options: Options, pointer: Path) -> Any:
    """The object at a pointer into a file of manifests."""
    ledger = Ledger()
    documents = kubernetes_manifest.documents(read(path, options), ledger)
    return next(document.body for document in documents if document.origin.pointer == pointer)


def _object(what: Release | Overlay, pointer: Path) -> tuple[Made, Path]:
    number, *inside = pointer
    return next(one for one in _remade(what) if one.number == number), tuple(inside)


@lru_cache(maxsize=4)
def _remade(what: Release | Overlay) -> tuple[Made, ...]:
    return tuple(made(what, again=True))
