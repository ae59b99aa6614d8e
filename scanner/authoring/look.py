"""What a policy author sees of targets: the same inventories and facts that a scan judges, before any judgement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner import analyze, evaluate, load, normalize
from scanner.model import Elsewhere, Inventory, Ledger, Resource, address_of
from scanner.redact import Redactor


class View:
    """The targets, looked at with every fact there is. Keeps it all in memory: it is for people, not for audits."""

    def __init__(self, targets: Sequence[str], options: load.Options) -> None:
        self.ledger = Ledger()
        """What could not be seen."""
        self._seen: list[tuple[Inventory, analyze.Facts]] = []
        self._before: list[tuple[Inventory, analyze.Facts]] = []
        elsewhere = Elsewhere()
        for partition in load.partitions(tuple(targets), options, self.ledger):
            estates = normalize.estates(partition, self.ledger)
            if estates.before is not None:
                analyze.note(estates.before, elsewhere.copy())
                self._before.append((estates.before, self._facts(estates.before)))
            analyze.note(estates.now, elsewhere)
            self._seen.append((estates.now, self._facts(estates.now)))
        self.redactor = Redactor(self.ledger.secrets)
        """Knows the secrets of all of them."""

    def _facts(self, inventory: Inventory) -> analyze.Facts:
        facts = analyze.facts(inventory, self.ledger, analyze.names())
        self.ledger.secrets |= evaluate.secrets(inventory, facts)
        return facts

    def resources(self, wanted: str = "", *, before: bool = False) -> Iterator[tuple[Resource, analyze.Facts]]:
        """The resources with the facts of their partition; only those called `wanted` where that is given.

        `before`: as they were before the change that a plan describes, where it changes something that stood.
        """
        for inventory, facts in self._before if before else self._seen:
            yield from ((one, facts) for one in inventory if not wanted or is_called(one, wanted))


def is_called(resource: Resource, name: str) -> bool:
    """Whether people mean this resource by a name: its address, its uid or its own name."""
    return name in {resource.uid, resource.origin.address, address_of(resource.uid), resource.name}
