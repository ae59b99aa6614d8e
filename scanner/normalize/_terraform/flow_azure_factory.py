"""Data factories of Azure: what their pipelines and data flows copy, from which store into which.

A pipeline's activities are JSON that names data sets, a data set names a linked service, and a linked service says in a
connection string or an address which store it leads to. Each copy is a way of its own: what one activity reads does not
go where another one writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.factory_services import SERVICES, store
from scanner.normalize._terraform.flow import Ends, end, flow, named, nested, no_flow, whatever, written
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import azure_name

_FACTORIES = ("azurerm_data_factory",)
_DATASETS = tuple(
    f"azurerm_data_factory_{kind}"
    for kind in (
        "custom_dataset",
        "dataset_azure_blob",
        "dataset_azure_sql_table",
        "dataset_binary",
        "dataset_cosmosdb_sqlapi",
        "dataset_delimited_text",
        "dataset_http",
        "dataset_json",
        "dataset_mysql",
        "dataset_parquet",
        "dataset_postgresql",
        "dataset_snowflake",
        "dataset_sql_server_table",
    )
)
_SERVICE_OF = (("linked_service_name",), ("linked_service_id",), ("linked_service", 0, "name"))
"""Where a data set names its linked service, which depends on its type."""
_ACTIVITIES = ("activities_json",)
_INNER = ("activities", "ifTrueActivities", "ifFalseActivities", "defaultActivities", "cases")
"""Where control activities hold the activities that they run: https://learn.microsoft.com/azure/data-factory/concepts-pipelines-activities"""


def _copies(item: Item) -> list[Mapping[str, Any]]:
    """The copy activities of a pipeline, also those inside of loops and conditions."""
    value = item.peek(*_ACTIVITIES)
    if isinstance(value, Unknown):
        if item.left_alone(*_ACTIVITIES):
            return []
        value = item.encoded(*_ACTIVITIES)
        if value is None:
            raise UnknownRead(Unknown("what its activities copy is not known", "activities_json"))
    return list(_flat(json.loads(value) if isinstance(value, str) else value))


def _flat(activities: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(activities, Unknown):
        raise UnknownRead(activities)
    for activity in activities or ():
        settings = activity.get("typeProperties") or {}
        if activity.get("type") == "Copy":
            yield activity
        for key in _INNER:
            yield from _flat(settings.get(key) or activity.get(key))


def _copied(side: str) -> Getter:
    """The stores that the copies of a pipeline read or write; the lane tells which belong together."""

    def getter(item: Item) -> Ends:
        return [
            {**_of_dataset(item, reference, _ACTIVITIES), "lane": number}
            for number, copy in enumerate(_copies(item))
            for reference in copy.get(side) or ()
        ]

    return getter


def _of_dataset(item: Item, reference: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    return _of_named(item, reference.get("referenceName"), _DATASETS, path)


def _of_named(item: Item, name: Any, kinds: Sequence[str], path: Path) -> Mapping[str, Any]:
    """The store behind the data set or linked service of this name in the same factory."""
    if isinstance(name, Unknown):
        return end(path, name)
    found = [one for one in item.estate.named(str(name), kinds) if _factory(one) == _factory(item)]
    if len(found) != 1:
        return end(path, Unknown(f"'{str(name)[:60]}' is not in this plan", str(path[-1])))
    return _store_of(found[0], path)


def _factory(item: Item) -> Any:
    found = item.estate.pointed(item, ("data_factory_id",), _FACTORIES)
    return found[0].origin.address if len(found) == 1 else item.body.get("data_factory_id")


def _store_of(found: Item, path: Path) -> Mapping[str, Any]:
    """What a linked service leads to, or that of a data set. The end is cited from who uses it."""
    if found.type in SERVICES:
        where, resource = store(found)
        return end(path, where, resource)
    for key in _SERVICE_OF:
        if found.left_unset(str(key[0])):
            continue
        services = found.estate.pointed(found, key, SERVICES)
        if len(services) == 1:
            return _store_of(services[0], path)
        name = found.peek(*key)
        if isinstance(name, str):
            return _of_named(found, name, tuple(SERVICES), path)
    return end(path, Unknown("its linked service is not in this plan", str(path[-1])))


def _flowed(side: str) -> Getter:
    """The stores that a data flow reads or writes; all it reads goes into all it writes."""

    def getter(item: Item) -> Ends:
        return [
            _of_named(item, item.peek(*path, block, 0, "name"), kinds, (*path, block))
            for path in nested(item, side)
            for block, kinds in (("dataset", _DATASETS), ("linked_service", tuple(SERVICES)))
            if item.get(*path, block)
        ]

    return getter


_OF_SINK = Unknown("each run is where its sink is, or near it, or else in the factory's region", "location")


def _runtime(item: Item) -> Ends:
    """`AutoResolve` works where the sink of a copy is, or near it, or else in the factory's region.

    Inside of a managed network it always works there.

    https://learn.microsoft.com/azure/data-factory/concepts-integration-runtime#azure-ir-location
    https://learn.microsoft.com/azure/data-factory/managed-virtual-network-private-endpoint
    """
    if str(item.peek("location")).lower() != "autoresolve":
        return written(item, "location", read=azure_name)
    if item.setting("virtual_network_enabled", default=False):
        return [{**one, "path": ["location"]} for one in named(item, "data_factory_id", kinds=_FACTORIES)]
    return [end(("location",), _OF_SINK)]


def _privately_joined(item: Item) -> Ends:
    return whatever(item, "target_resource_id", "what it leads to is not in this plan")


def _in_factory(destinations: Getter) -> dict[str, Getter]:
    return flow(lambda item: named(item, "data_factory_id", kinds=_FACTORIES), destinations)


GETTERS: dict[str, dict[str, Getter]] = {
    "azurerm_data_factory": no_flow(),
    "azurerm_data_factory_pipeline": flow(_copied("inputs"), _copied("outputs")),
    "azurerm_data_factory_data_flow": flow(_flowed("source"), _flowed("sink")),
    "azurerm_data_factory_integration_runtime_azure": _in_factory(_runtime),
    "azurerm_data_factory_integration_runtime_azure_ssis": _in_factory(_runtime),
    "azurerm_data_factory_managed_private_endpoint": _in_factory(_privately_joined),
}
"""Native type to where data comes from and where it goes."""
