"""The node pools written inside of a cluster, and those that it may make by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.compute_azure import POOL as AZURE_POOL
from scanner.normalize._terraform.compute_google import AUTO_POOL, POOL
from scanner.normalize._terraform.growth import with_growth
from scanner.normalize._terraform.item import Item

LABELED_BY_POOL = frozenset({"google_container_cluster"})
"""Types of clusters whose pools are billed by labels of their own beside those of the cluster."""

Pool = tuple[str, Item, Mapping[str, Getter]]
"""Its name, the block it is written in, and how to read that."""


def nested_pools(cluster: Item) -> Iterator[Pool]:
    """The pools inside of a cluster, if it is of a type that has some."""
    find = _FINDERS.get(cluster.type)
    return ((name, pool, with_growth(getters)) for name, pool, getters in find(cluster)) if find else iter(())


def _azure_pools(cluster: Item) -> Iterator[Pool]:
    """AKS cannot be without its default pool."""
    pool = _nested(cluster, "default_node_pool", 0)
    if pool is not None:
        yield _name(pool, "default"), pool, AZURE_POOL


def _google_pools(cluster: Item) -> Iterator[Pool]:
    """Pools written as blocks; else the default pool, unless it is removed or Autopilot makes pools by itself."""
    if _may_be(cluster, "enable_autopilot"):
        return
    written = cluster.body.get("node_pool")
    blocks = written if isinstance(written, list) else []
    managed = _managed_pools(cluster) if blocks else []
    for index in range(len(blocks)):
        pool = _nested(cluster, "node_pool", index)
        if pool is not None and _name(pool, "") not in managed:
            yield _name(pool, f"node_pool[{index}]"), pool, POOL
    if not blocks and not _may_be(cluster, "remove_default_node_pool"):
        yield "default-pool", cluster, POOL
    if _provisions_accelerators(cluster):
        yield "auto-provisioning", cluster, AUTO_POOL


def _provisions_accelerators(cluster: Item) -> bool:
    """Whether it may surely make pools with accelerators: only if it is told how many of which."""
    scaling = _nested(cluster, "cluster_autoscaling", 0)
    if scaling is None or not _may_be(scaling, "enabled"):
        return False
    try:
        return bool(AUTO_POOL["accelerators"](cluster))
    except UnknownRead:
        return False


def _may_be(cluster: Item, switch: str) -> bool:
    """Whether a switch is on, or may be: a pool is only there where that is sure."""
    value = cluster.peek(switch)
    return isinstance(value, Unknown) or bool(value)


def _managed_pools(cluster: Item) -> list[str]:
    """Names of the pools that are resources of their own; a cluster read from a state repeats them as blocks."""
    links = cluster.estate.links("google_container_node_pool", "cluster", cluster.type)
    return [_name(pool, "") for pool in links.certain.get(cluster.origin.address, ())]


def _nested(item: Item, *path: str | int) -> Item | None:
    try:
        return item.item(*path) if item.get(*path) else None
    except UnknownRead:
        return None


def _name(pool: Item, default: str) -> str:
    name = pool.body.get("name")
    return name if isinstance(name, str) and name else default


_FINDERS: dict[str, Callable[[Item], Iterator[Pool]]] = {
    "azurerm_kubernetes_cluster": _azure_pools,
    "google_container_cluster": _google_pools,
}
