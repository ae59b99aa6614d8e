"""Recognizes objects that another object made: in a dump of a cluster, a Deployment's ReplicaSets and their pods."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from scanner.bodies import at, items, mapping, text
from scanner.model import UnknownRead
from scanner.normalize._kubernetes_shapes import Object, group_kind, name, namespace

Key = tuple[str, str, str]
"""Namespace, `group/Kind` and name of an object."""


class Owners:
    """The objects of one partition, by what they are called, and who made whom."""

    def __init__(self, bodies: Sequence[Object], workloads: Collection[str]) -> None:
        self._workloads = workloads
        """Native types that run pods."""
        self._objects: Mapping[Key, Object] = {_key(body): body for body in bodies if _is_known(body)}

    def made_by_workload(self, body: Object) -> bool:
        """Whether a workload of the partition made this object, directly or through others."""
        seen: set[Key] = set()
        waiting = self._owner_keys(body)
        while waiting:
            key = waiting.pop()
            owner = self._objects.get(key)
            if owner is None or key in seen or owner is body:
                continue
            if key[1] in self._workloads:
                return True
            seen.add(key)
            waiting += self._owner_keys(owner)
        return False

    @staticmethod
    def _owner_keys(body: Object) -> list[Key]:
        """Names of the objects it says made it; owners live in the same namespace."""
        try:
            references = map(mapping, items(at(body, "metadata", "ownerReferences")))
            return [(namespace(body), group_kind(reference), text(at(reference, "name"))) for reference in references]
        except UnknownRead:
            return []


def _key(body: Object) -> Key:
    return namespace(body), group_kind(body), name(body)


def _is_known(body: Object) -> bool:
    try:
        return bool(_key(body)[2])
    except UnknownRead:
        return False
