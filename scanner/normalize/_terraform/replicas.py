"""Replicas that name what they follow, inside of a block or a list of their own: read as copies of what is followed."""

from __future__ import annotations

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import every
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import known_region, other_regions


def followers(*path: str | int) -> Getter:
    """A getter for `replica_regions`: where those of its own type are that name it under a path."""

    def getter(item: Item) -> list[str]:
        others = [one for one in item.estate.by_type.get(item.type, ()) if one.origin != item.origin]
        found = [one for one in others if _follows(one, item, path)]
        return other_regions(item, [known_region(one) for one in item.views(found)])

    return getter


def _follows(one: Item, item: Item, path: Path) -> bool:
    value = one.peek(*path)
    if one.left_alone(path[0]) if isinstance(value, Unknown) else not value:
        return False
    found = one.estate.pointed(one, path, (one.type,))
    if len(found) == 1:
        return found[0].origin == item.origin
    if isinstance(value, str):
        return False  # it follows one that is not here
    raise UnknownRead(Unknown(f"what {one.origin.address} follows is not known", str(path[-1])))


def linked(key: str, *kinds: str) -> Getter:
    """A getter for `replica_regions`: where the others of a group are, each of which has a list of them all."""

    def getter(item: Item) -> list[str]:
        regions = [one["region"] for one in every(item, key, kinds=kinds)]
        unknown = next((region for region in regions if isinstance(region, Unknown)), None)
        if unknown is not None:
            raise UnknownRead(unknown)
        return other_regions(item, regions)

    return getter


def fellows(item: Item, key: str, *wholes: str) -> list[Item]:
    """Those of its type in one whole with it, such as a global cluster: they stand in for each other's data.

    Raises `UnknownRead` where the whole that it names is not in view, as others may be in it too.
    """
    value = item.peek(key)
    if item.left_alone(key) if isinstance(value, Unknown) else not value:
        return []
    whole = item.estate.pointed(item, (key,), wholes)
    if len(whole) != 1:
        raise UnknownRead(Unknown("it belongs to a global cluster, whose other regions it does not name", key))
    links = item.estate.links(item.type, key, whole[0].type)
    return item.views(links.certain.get(whole[0].origin.address, ()))


def secondaries(item: Item) -> list[str]:
    """Where a server is whose databases follow those of this one or were copied from them, one by one."""
    found = [
        server
        for database in item.estate.by_type.get("azurerm_mssql_database", ())
        if not database.left_unset("creation_source_database_id")
        and database.setting("create_mode", default="Default") in {"Secondary", "OnlineSecondary", "Copy"}
        for source in database.estate.pointed(database, ("creation_source_database_id",), (database.type,))
        if _server(source) == [item.origin]
        for server in database.estate.pointed(database, ("server_id",), (item.type,))
    ]
    return other_regions(item, [known_region(server) for server in item.views(found)])


def _server(database: Item) -> list[object]:
    return [one.origin for one in database.estate.pointed(database, ("server_id",), ("azurerm_mssql_server",))]
