"""Reads Google Cloud Asset Inventory exports: a JSON array of assets, or one asset a line.

A body is the asset as it was exported. Keys are `assetType` in files written by `gcloud asset export` and
`asset_type` in those that came by way of BigQuery or the older API; the normalizer knows both. The pointer's
first element is the asset's place in the array, or its line, from 0; there is none for a file of one asset.
Shape: https://cloud.google.com/asset-inventory/docs/reference/rest/v1/Asset
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from scanner.errors import LoadError
from scanner.load._files import File, Options, Scope, lines, parse_json
from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text
from scanner.model import Citation, Document, Ledger, Origin

DIALECT = "gcp"
SOURCE = "gcp_assets"
SUFFIXES = (".json", ".jsonl", ".ndjson")
SCOPE = Scope.TARGET

_MOST_BEFORE = 1 << 20
"""Bytes of the first asset up to its type. A plan of Terraform is one object too, and may be large."""

_HINT = "Export again with: gcloud asset export --content-type resource"


def claims(file: File) -> bool:
    """Whether the file is an array that holds an asset, or begins with one."""
    data = file.data.lstrip()
    if not data.startswith((b"[", b"{")):
        return False
    looked_at = data if data.startswith(b"[") else data[:_MOST_BEFORE]
    if not (b'"assetType"' in looked_at or b'"asset_type"' in looked_at):
        return False
    values = file.json if data.startswith(b"[") else [_first(file)]
    return any(map(is_asset, values))


def documents(file: File, ledger: Ledger) -> Iterator[Document]:
    """One document an asset."""
    strangers = 0
    for pointer, value in _assets(file, ledger):
        if is_asset(value):
            yield Document(DIALECT, value, Origin(file.uri, SOURCE, pointer, value["name"]))
        else:
            strangers += 1
    if strangers:
        ledger.problem("load", file.uri, f"holds {strangers} entries that are no assets: no name or type", _HINT)


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """Where each citation is written, all of them in one file."""
    told = file()
    text = Text(citations[0].origin.uri, told.text)
    found = JsonPlaces(text, told.data)
    by_line = not text.text.lstrip().startswith("[")
    for citation in citations:
        pointer = citation.origin.pointer
        if by_line and pointer:
            line = int(pointer[0]) + 1
            yield found.find(citation.path, text.line_start(line)) if line <= text.line_count() else None
        else:
            yield found.find((*pointer, *citation.path))


def is_asset(value: Any) -> bool:
    """An asset has a full resource name (`//service/...`) and a type."""
    return (
        isinstance(value, dict)
        and isinstance(name := value.get("name"), str)
        and name.startswith("//")
        and isinstance(value.get("assetType", value.get("asset_type")), str)
    )


def _first(file: File) -> Any:
    """The value of the first line, or of the whole file if that is one value over several lines."""
    try:
        return parse_json(next(lines(file.data))[1])
    except LoadError:
        return file.json


def _assets(file: File, ledger: Ledger) -> Iterator[tuple[tuple[int, ...], Any]]:
    if file.data.lstrip().startswith(b"["):
        for index, entry in enumerate(file.json):
            yield (index,), entry
        return
    broken: list[str] = []
    for count, (number, line) in enumerate(lines(file.data)):
        try:
            yield (number,), parse_json(line)
        except LoadError as error:
            if not count:
                yield (), file.json
                return
            broken.append(f"line {number + 1} {error.message}")
    if broken:
        more = f", and {len(broken) - 1} more lines" if len(broken) > 1 else ""
        ledger.problem("load", file.uri, broken[0] + more, _HINT)
