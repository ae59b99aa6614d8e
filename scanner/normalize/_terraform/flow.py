"""The two ends of what makes data flow: a replication, a backup plan, a log sink, a peering, a transfer.

An *end* is `region` (the provider's name; `Unknown` where it cannot be told; empty for what has none), `resource` (the
uid of the resource of this plan that the data is in; empty for any other) and `path` (where in the body that stands). A
mover that makes several copies which have nothing to do with each other numbers them in `lane`.
Ends are unknown one by one, so that a destination that is not in the plan does not hide one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scanner.model import Path, Unknown, UnknownRead, uid_of
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import region
from scanner.patterns import regex

End = Mapping[str, Any]
Ends = list[End]

_ARN_REGION = regex(r"arn:[^:]*:[^:]*:([a-z]{2}(?:-[a-z]+)+-\d):")
_GOOGLE_PLACE = regex(r"/(?:locations|regions|zones)/([^/]+)")
_IDENTITY_IN = regex(r"(?:^|:::|//|/)([^/:]+)(?:/\*?)?$")
"""The name at the end of an ARN of S3, of a sink's destination or of a resource path."""
_BUCKET_IN = regex(r"(?:s3a?|gs)://([^/]+)")


def flow(sources: Callable[[Item], Ends], destinations: Callable[[Item], Ends]) -> dict[str, Getter]:
    """The getters of a type that moves data."""
    return {"sources": sources, "destinations": destinations}


def no_flow() -> dict[str, Getter]:
    """The getters of a type that other clouds' ones of its kind move data, but this does not."""
    return flow(lambda _: [], lambda _: [])


def uid(item: Item) -> str:
    """As the resource that becomes of the item is called."""
    return uid_of(item.origin.uri, item.origin.address)


def end(path: Path, where: Any, resource: str = "") -> End:
    """One end."""
    return {"region": where, "resource": resource, "path": list(path)}


def place_of(item: Item) -> Any:
    """The region of an item, also where it is unknown."""
    try:
        return region(item)
    except UnknownRead as read:
        return read.unknown


def here(item: Item, *path: str | int) -> Ends:
    """The resource itself, and the argument that makes it an end."""
    return [end(path, place_of(item), uid(item))]


def home(item: Item) -> Ends:
    """The region of the resource, where its data is in none that the plan could show."""
    where = place_of(item)
    return [] if isinstance(where, str) and not where else [end((), where)]


def written(item: Item, *path: str | int, read: Callable[[str], Any] = str.lower) -> Ends:
    """A region that an argument names."""
    value = item.peek(*path)
    if not isinstance(value, Unknown):
        return [end(path, read(value))] if value else []
    return [] if item.left_alone(*path) else [end(path, value)]


def places(item: Item, *path: str | int, read: Callable[[str], Any] = str.lower) -> Ends:
    """Every region that a list names."""
    value = item.peek(*path)
    if isinstance(value, Unknown):
        return [] if item.left_alone(*path) else [end(path, value)]
    return [one for index in range(len(value or ())) for one in written(item, *path, index, read=read)]


def named(item: Item, *path: str | int, kinds: Iterable[str]) -> Ends:
    """What an argument names: a resource of this plan, else the place that the name itself tells."""
    value = item.peek(*path)
    if value is None or value == "" if not isinstance(value, Unknown) else item.left_alone(*path):
        return []
    found = _pointed(item, path, value, tuple(kinds))
    if found is not None:
        return [end(path, place_of(found), uid(found))]
    return [end(path, value if isinstance(value, Unknown) else told(value, str(path[-1])))]


def every(item: Item, *path: str | int, kinds: Iterable[str]) -> Ends:
    """What each entry of a list names; what is not known yet is told by what the list as a whole refers to."""
    value = item.peek(*path)
    wanted = tuple(kinds)
    if isinstance(value, Unknown):
        return _referred(item, path, wanted) or ([] if item.left_alone(*path) else [end(path, value)])
    entries = [(isinstance(entry, Unknown), index) for index, entry in enumerate(value or ())]
    known = [one for dark, index in entries if not dark for one in named(item, *path, index, kinds=wanted)]
    dark = [one for dark, index in entries if dark for one in named(item, *path, index, kinds=wanted)]
    if any(not one["resource"] for one in dark):
        dark = _referred(item, path, wanted) or dark
    return [*known, *(one for one in dark if one not in known)]


def _referred(item: Item, path: Path, kinds: tuple[str, ...]) -> Ends:
    meant = [one for one in item.estate.referred(item, *path) if one.type in kinds]
    return [end(path, place_of(one), uid(one)) for one in meant]


def nested(item: Item, *names: str, where: Callable[[Item, Path], bool] = lambda *_: True) -> list[Path]:
    """The path of every block that is nested under these names, one name a level; of a block that is a map, its own."""
    paths: list[Path] = [()]
    for name in names:
        paths = [inner for path in paths for inner in _each(item, (*path, name))]
    return [path for path in paths if where(item, path)]


def _each(item: Item, path: Path) -> Sequence[Path]:
    value = item.peek(*path)
    if isinstance(value, Unknown):
        if item.left_alone(*path):
            return []
        raise UnknownRead(value)
    return [path] if isinstance(value, Mapping) else [(*path, index) for index in range(len(value or ()))]


def each_named(*names: str, key: str, kinds: Iterable[str]) -> Callable[[Item], Ends]:
    """What an argument of each block nested under these names names, as `named`."""
    return lambda item: [one for path in nested(item, *names) for one in named(item, *path, key, kinds=kinds)]


def each_written(*names: str, key: str, read: Callable[[str], Any] = str.lower) -> Callable[[Item], Ends]:
    """The region that an argument of each block nested under these names names, as `written`."""
    return lambda item: [one for path in nested(item, *names) for one in written(item, *path, key, read=read)]


def whatever(item: Item, key: str, missing: str) -> Ends:
    """The resource of whatever type that an argument refers to; unknown for the reason `missing` if it is not one."""
    found = item.estate.referred(item, key)
    if len(found) == 1:
        return [end((key,), place_of(found[0]), uid(found[0]))]
    return [end((key,), Unknown(missing, key))]


def local(key: str, *kinds: str) -> Getter:
    """What an argument names, which is always in the region of the resource itself."""

    def getter(item: Item) -> Ends:
        found = named(item, key, kinds=kinds)
        return found if found and found[0]["resource"] else home(item)

    return getter


def place_or_arn(value: str) -> Any:
    """A region, or the one in an ARN."""
    return told(value, "region") if value.startswith("arn:") else value.lower()


def told(name: str, key: str) -> Any:
    """The region that an ARN or a resource path has in it."""
    match = _ARN_REGION.match(name) or _GOOGLE_PLACE.search(name)
    return match[1].lower() if match else Unknown(f"'{name.rpartition('/')[2][:60]}' is not in this plan", key)


def _pointed(item: Item, path: Path, value: Any, kinds: tuple[str, ...]) -> Item | None:
    found = item.estate.pointed(item, path, kinds)
    if not found and isinstance(value, str):
        match = _BUCKET_IN.match(value) or _IDENTITY_IN.search(value)
        found = item.estate.named(match[1], kinds) if match else []
    return found[0] if len(found) == 1 else None
