"""Amazon's stores without servers to choose: where they are copied to."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import End, every, written
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import none, other_regions

_PEERS = ("multi_region_properties", 0)


def _dynamodb_copies(item: Item) -> list[str]:
    """Its replicas, and the witness of a table that is consistent over regions: that keeps what is written to them.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html (`GlobalTableWitnessUpdates`)
    """
    kinds = ("replica", "global_table_witness")
    blocks = [one for kind in kinds if not item.left_unset(kind) for one in item.blocks(kind)]
    return other_regions(item, [one.get("region_name") for one in blocks])


def _dsql_copies(item: Item) -> list[str]:
    """Its peers, and the witness, which keeps a part of the transaction log.

    https://docs.aws.amazon.com/aurora-dsql/latest/userguide/what-is-aurora-dsql.html
    """
    if item.left_unset(_PEERS[0]) or not item.get(_PEERS[0]):
        return []
    witness = written(item, *_PEERS, "witness_region")
    return _regions(item, [*every(item, *_PEERS, "clusters", kinds=("aws_dsql_cluster",)), *witness])


def _keyspace_copies(item: Item) -> list[str]:
    """Its tables are kept in all regions of the list."""
    key = "replication_specification"
    if item.left_unset(key) or not item.get(key) or item.get(key, 0, "region_list") is None:
        return []
    return other_regions(item, [str(one) for one in item.get(key, 0, "region_list")])


def _regions(item: Item, ends: list[End]) -> list[str]:
    regions = [one["region"] for one in ends]
    unknown = next((region for region in regions if isinstance(region, Unknown)), None)
    if unknown is not None:
        raise UnknownRead(unknown)
    if ends:
        item.cite(*ends[-1]["path"])
    return other_regions(item, regions)


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_dynamodb_table": {"replica_regions": _dynamodb_copies},
    "aws_dsql_cluster": {"replica_regions": _dsql_copies},
    "aws_keyspaces_keyspace": {"replica_regions": _keyspace_copies},
    "aws_timestreamwrite_database": {"replica_regions": none},
}
