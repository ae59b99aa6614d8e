"""What the tests of the analyze room share: resources made in one line."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scanner.model import Citation, Inventory, Origin, Resource

Make = Callable[..., Resource]


@pytest.fixture(scope="session")
def make() -> Make:
    """A resource with sane defaults; keyword arguments are the model's own fields."""

    def resource(kind: str = "other", name: str = "thing", **fields: Any) -> Resource:
        address = fields.pop("address", f"{kind}.{name}")
        origin = Origin("plan.json", "terraform_plan", address=address)
        native: Mapping[str, Any] = fields.pop("native", {})
        given: dict[str, Any] = {
            "native_type": kind,
            "provider": "aws",
            "region": "",
            "tags": {},
            "attributes": {},
            "citations": {"region": Citation(origin, ("region",)), "tags": Citation(origin, ("tags",))},
            **fields,
        }
        return Resource(uid=f"plan.json#{address}", type=kind, name=name, native=native, origin=origin, **given)

    return resource


@pytest.fixture(scope="session")
def inventory() -> Callable[..., Inventory]:
    """An inventory of the given resources."""
    return lambda *resources: Inventory(resources)
