"""What Azure's resources say about keys and copies, in all the places where the provider lets people write it."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown
from tests.normalize.conftest import LATER, document

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

VAULT = "azurerm_key_vault"
HSM = "azurerm_key_vault_managed_hardware_security_module"
HERE = {"name": "data", "location": "westeurope"}
NAMED = {
    "key_vault_id": VAULT,
    "key_vault_uri": VAULT,
    "key_vault_key_id": f"{VAULT}_key",
    "managed_hsm_key_id": f"{HSM}_key",
    "transparent_data_encryption_key_vault_key_id": f"{VAULT}_key",
}
"""What each argument names."""


def named(kind: str, key: str, attribute: str = "id") -> dict[str, list[str]]:
    """What a plan lists for an argument that names the block `k` of this type."""
    return {key: [f"{kind}.k.{attribute}", f"{kind}.k"]}


@pytest.fixture
def keys(block: Block, later: Unknown) -> list[Document]:
    """A vault and a managed HSM in the United States, each with a key; none of their ids is known before apply."""
    return [
        block(f"{VAULT}.k", {"name": "vault", "location": "East US", "id": later}),
        block(
            f"{VAULT}_key.k",
            {"name": "k", "key_vault_id": later, "id": later},
            references=named(VAULT, "key_vault_id"),
        ),
        block(f"{HSM}.k", {"name": "hsm", "location": "eastus", "id": later}),
        block(
            f"{HSM}_key.k",
            {"name": "k", "managed_hsm_id": later, "id": later},
            references=named(HSM, "managed_hsm_id"),
        ),
    ]


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("azurerm_cosmosdb_account", "key_vault_key_id"),
        ("azurerm_cosmosdb_account", "managed_hsm_key_id"),
        ("azurerm_mssql_server", "transparent_data_encryption_key_vault_key_id"),
    ],
)
def test_a_key_that_the_data_names_itself(one: One, keys: list[Document], kind: str, argument: str) -> None:
    found = one(f"{kind}.data", {**HERE, argument: LATER}, *keys, references=named(NAMED[argument], argument))
    assert (found.attributes["encryption"], found.attributes["key_region"]) == ("customer", "eastus")


@pytest.mark.parametrize(
    ("kind", "satellite", "argument"),
    [
        ("storage_account", "customer_managed_key.storage_account_id", "key_vault_id"),
        ("storage_account", "customer_managed_key.storage_account_id", "key_vault_uri"),
        ("storage_account", "customer_managed_key.storage_account_id", "managed_hsm_key_id"),
        ("mssql_server", "transparent_data_encryption.server_id", "key_vault_key_id"),
        ("mssql_server", "transparent_data_encryption.server_id", "managed_hsm_key_id"),
        ("mssql_managed_instance", "transparent_data_encryption.managed_instance_id", "key_vault_key_id"),
    ],
)
def test_a_key_that_a_resource_of_its_own_gives(
    one: One, keys: list[Document], kind: str, satellite: str, argument: str
) -> None:
    address = f"azurerm_{kind}.data"
    suffix, _, belongs = satellite.partition(".")
    given = document(
        f"{address.removesuffix('.data')}_{suffix}.data",
        {belongs: LATER, argument: LATER},
        references={belongs: [f"{address}.id", address], **named(NAMED[argument], argument)},
    )
    found = one(address, HERE, given, *keys)
    assert (found.attributes["encryption"], found.attributes["key_region"]) == ("customer", "eastus")


def test_the_place_of_a_key_that_is_not_in_the_plan_is_not_known(one: One, block: Block) -> None:
    account = {**HERE, "id": "/accounts/data"}
    uri = {
        "storage_account_id": "/accounts/data",
        "key_vault_uri": "https://elsewhere.vault.azure.net/",
        "key_name": "k",
    }
    given = block("azurerm_storage_account_customer_managed_key.data", uri)
    found = one("azurerm_storage_account.data", account, given).attributes
    assert found["encryption"] == "customer"
    assert isinstance(found["key_region"], Unknown)


@pytest.mark.parametrize("argument", ["disk_encryption_set_id", "secure_vm_disk_encryption_set_id"])
def test_a_disk_encryption_set_stands_for_a_key(one: One, block: Block, later: Unknown, argument: str) -> None:
    written = block("azurerm_disk_encryption_set.k", {**HERE, "id": later})
    disk = one(
        "azurerm_managed_disk.data",
        {**HERE, argument: later},
        written,
        references=named("azurerm_disk_encryption_set", argument),
    )
    assert disk.attributes["encryption"] == "customer"
    elsewhere = one("azurerm_managed_disk.data", {**HERE, argument: later}, references={argument: ["var.set"]})
    assert isinstance(elsewhere.attributes["encryption"], Unknown)


@pytest.mark.parametrize("kind", ["azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server"])
def test_a_flexible_server_may_take_its_key_from_an_hsm(
    one: One, keys: list[Document], later: Unknown, kind: str
) -> None:
    written = [{"managed_hsm_key_id": {"references": [f"{HSM}_key.k.id", f"{HSM}_key.k"]}}]
    values = {**HERE, "customer_managed_key": [{"key_vault_key_id": None, "managed_hsm_key_id": later}]}
    found = one(f"{kind}.data", values, *keys, expressions={"customer_managed_key": written})
    assert found.attributes["encryption"] == "customer"
    plain = one(f"{kind}.data", {**HERE, "customer_managed_key": []})
    assert plain.attributes["encryption"] == "provider"


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_a_single_server_is_followed_by_replicas_and_given_a_key(one: One, block: Block, engine: str) -> None:
    kind = f"azurerm_{engine}_server"
    server = {**HERE, "id": "/servers/data"}
    follows: dict[str, Any] = {"location": "eastus", "creation_source_server_id": "/servers/data"}
    replica = block(f"{kind}.replica", {**follows, "name": "replica", "create_mode": "Replica"})
    assert one(f"{kind}.data", server, replica).attributes["replica_regions"] == ["eastus"]
    key = block(f"{kind}_key.data", {"server_id": "/servers/data", "key_vault_key_id": "https://v/keys/k/1"})
    assert one(f"{kind}.data", server, key).attributes["encryption"] == "customer"
    assert one(f"{kind}.data", server).attributes["encryption"] == "provider"
