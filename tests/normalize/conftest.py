"""Builds documents as the Terraform loader yields them, and understands them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scanner import normalize
from scanner.model import Document, Inventory, Ledger, Origin, Partition, Resource, Unknown

ADDRESS = re.compile(
    r"(?:(?P<module>module\..+?)\.)?(?P<data>data\.)?(?P<type>[a-z]\w+)\.(?P<name>\w+)(?:\[(?P<i>.+)\])?$"
)
LATER = Unknown("known after apply")


def document(address: str, values: Mapping[str, Any], **rest: Any) -> Document:
    """One instance. `references` gives the arguments' references; other arguments are constants, unless unknown."""
    match = ADDRESS.match(address)
    assert match, address
    references = rest.get("references", {})
    constants = {key: configuration(value) for key, value in values.items() if not isinstance(value, Unknown)}
    written = constants | {key: {"references": list(names)} for key, names in references.items()}
    index = match["i"]
    body = {
        "address": address,
        "module": match["module"] or "",
        "mode": "data" if match["data"] else "managed",
        "type": match["type"],
        "name": match["name"],
        "index": index.strip('"') if index and index.startswith('"') else int(index) if index else None,
        "provider": match["type"].partition("_")[0],
        "values": dict(values),
        "before": rest.get("before"),
        "actions": tuple(rest.get("actions", ("create",))),
        "sensitive": frozenset(rest.get("sensitive", ())),
        "expressions": rest.get("expressions", written),
        "repeated": rest.get("repeated", {}),
        "modules": rest.get("modules", {}),
        "provider_config": rest.get("provider_config", {"region": "eu-west-1"}),
    }
    return Document("terraform", body, Origin("plan.json", "terraform_plan", ("resource_changes", 0), address))


def configuration(value: Any) -> Any:
    """How a plan repeats the configuration of a value that was written down: blocks as lists, arguments as objects."""
    if isinstance(value, list) and value and all(isinstance(block, dict) for block in value):
        return [{key: configuration(entry) for key, entry in block.items()} for block in value]
    return {"constant_value": value}


def understood(*documents: Document) -> dict[str, Resource]:
    """The resources of one partition, by what follows `#` in their uid; there must be no problem."""
    ledger = Ledger()
    inventory: Inventory = normalize.inventory(Partition("plan", documents), ledger)
    assert ledger.problems == []
    return {resource.uid.partition("#")[2]: resource for resource in inventory}


@pytest.fixture(scope="session")
def block() -> Callable[..., Document]:
    return document


@pytest.fixture(scope="session")
def read() -> Callable[..., dict[str, Resource]]:
    return understood


@pytest.fixture(scope="session")
def one() -> Callable[..., Resource]:
    """Understands one resource and the blocks beside it; gives the first."""

    def first(address: str, values: Mapping[str, Any], *others: Document, **rest: Any) -> Resource:
        return understood(document(address, values, **rest), *others)[address]

    return first


@pytest.fixture(scope="session")
def later() -> Unknown:
    return LATER
