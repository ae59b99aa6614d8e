"""What Azure's resources say about keys and copies, in all the places where the provider lets people write it."""

import json
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


@pytest.mark.parametrize(
    "written",
    [
        "https://vault.vault.azure.net/keys/k/1",
        "https://VAULT.vault.azure.net/keys/k",
        "https://hsm.managedhsm.azure.net/keys/k",
    ],
)
def test_the_address_of_a_key_names_its_vault(one: One, keys: list[Document], written: str) -> None:
    found = one("azurerm_cosmosdb_account.data", {**HERE, "key_vault_key_id": written}, *keys)
    assert found.attributes["key_region"] == "eastus"


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


def test_a_static_website_is_public_whatever_its_account_forbids(one: One, block: Block) -> None:
    account = {**HERE, "id": "/accounts/data", "allow_nested_items_to_be_public": False}
    address = "azurerm_storage_account.data"
    assert one(address, account).attributes["public"] is False
    inside = one(address, {**account, "static_website": [{"index_document": "index.html"}]})
    beside = block("azurerm_storage_account_static_website.data", {"storage_account_id": "/accounts/data"})
    assert inside.attributes["public"] is one(address, account, beside).attributes["public"] is True
    assert one(address, {**account, "public_network_access_enabled": False}, beside).attributes["public"] is False


@pytest.mark.parametrize(
    ("kind", "values", "tls", "client", "oldest"),
    [
        ("function_app_flex_consumption", {"client_certificate_enabled": True}, False, False, "1.2"),
        ("linux_web_app_slot", {"client_certificate_enabled": True, "https_only": True}, True, True, "1.2"),
        ("windows_function_app_slot", {"client_certificate_enabled": True}, False, False, "1.2"),
        ("logic_app_standard", {"client_certificate_mode": "Required"}, False, True, "1.2"),
        ("logic_app_standard", {"site_config": [{"min_tls_version": "1.0"}]}, False, False, "1.0"),
    ],
)
def test_more_kinds_of_web_apps(  # noqa: PLR0917, PLR0913  # a row of a table
    one: One,
    kind: str,
    values: dict[str, Any],
    tls: bool,
    client: bool,
    oldest: str,
) -> None:
    app = one(f"azurerm_{kind}.app", {"name": "app", **values})
    assert app.type == "web.app"
    assert app.attributes == {"tls_required": tls, "client_certificate_required": client, "minimum_tls": oldest}


def test_a_container_app_is_where_its_environment_is_and_may_pass_tcp_on(
    one: One, block: Block, later: Unknown
) -> None:
    environment = block("azurerm_container_app_environment.k", {"name": "env", "location": "East US", "id": later})
    values = {"name": "app", "container_app_environment_id": later, "ingress": [{"transport": "tcp"}]}
    reference = named("azurerm_container_app_environment", "container_app_environment_id")
    app = one("azurerm_container_app.app", values, environment, references=reference)
    assert app.region == "eastus"
    assert isinstance(app.attributes["tls_required"], Unknown)


def test_an_enterprise_cache_takes_the_version_of_its_cluster(one: One, block: Block) -> None:
    cluster = {**HERE, "id": "/clusters/data", "minimum_tls_version": "1.0"}
    found = one(
        "azurerm_redis_enterprise_database.data",
        {"cluster_id": "/clusters/data"},
        block("azurerm_redis_enterprise_cluster.data", cluster),
    )
    assert found.attributes["minimum_tls"] == "1.0"


def test_a_gateway_may_ask_for_certificates_in_a_resource_beside_it(one: One, block: Block) -> None:
    domain = {"api_management_id": "/apim", "gateway": [{"negotiate_client_certificate": True}]}
    beside = block("azurerm_api_management_custom_domain.data", domain)
    gateway = {**HERE, "id": "/apim"}
    asked = one("azurerm_api_management.data", gateway, beside).attributes["client_certificate_required"]
    assert isinstance(asked, Unknown)
    assert one("azurerm_api_management.data", gateway).attributes["client_certificate_required"] is False


@pytest.mark.parametrize(
    ("off", "oldest"), [(["TLSv1_0"], "1.1"), (["TLSv1_1", "TLSv1_0"], "1.2"), (["TLSv1_1"], "1.0")]
)
def test_versions_that_a_gateway_switches_off(one: One, off: list[str], oldest: str) -> None:
    listener = {"name": "l", "protocol": "Https", "ssl_profile_name": None}
    values = {**HERE, "http_listener": [listener], "ssl_policy": [{"disabled_protocols": off}]}
    assert one("azurerm_application_gateway.data", values).attributes["minimum_tls"] == oldest


@pytest.mark.parametrize(
    ("place", "copies"), [("northeurope", ["pair of northeurope"]), ("Poland Central", []), ("brazilsouth", [])]
)
def test_where_a_vault_is_copied_to(one: One, block: Block, place: str, copies: list[str]) -> None:
    vault = block(f"{VAULT}.data", {"name": "v", "location": place, "id": "/vaults/v"})
    secret = one(f"{VAULT}_secret.data", {"name": "s", "key_vault_id": "/vaults/v"}, vault)
    assert secret.attributes["replica_regions"] == copies


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"sku": [{"name": "GlobalStandard"}]}, "global"),
        ({"sku": [], "scale": [{"type": "GlobalStandard"}]}, "global"),
        ({"scale": [{"type": "Standard"}]}, "westeurope"),
    ],
)
def test_which_regions_answer_requests_to_a_model(one: One, block: Block, values: dict[str, Any], place: str) -> None:
    account = block("azurerm_cognitive_account.data", {**HERE, "id": "/accounts/data"})
    given = {"name": "m", "cognitive_account_id": "/accounts/data", **values}
    found = one("azurerm_cognitive_deployment.data", given, account).attributes["destinations"]
    assert [end["region"] for end in found] == [place]


@pytest.mark.parametrize("written", [dict, json.dumps])
def test_a_model_that_is_deployed_through_the_api(one: One, block: Block, written: Callable[[Any], Any]) -> None:
    kind = "Microsoft.CognitiveServices/accounts"
    values = {"type": f"{kind}@2024-10-01", **HERE, "id": "/accounts/data", "body": written({"kind": "OpenAI"})}
    account = block("azapi_resource.account", values)
    found = one(
        "azapi_resource.data",
        {
            "type": f"{kind}/deployments@2024-10-01",
            "parent_id": "/accounts/data",
            "body": written({"sku": {"name": "GlobalStandard"}}),
        },
        account,
    )
    assert found.type == "data.processing"
    assert [end["region"] for end in found.attributes["sources"]] == ["westeurope"]
    assert [end["region"] for end in found.attributes["destinations"]] == ["global"]


API: dict[str, Any] = {"default_location": "East US", "default_tags": {"team": "ml"}}


@pytest.mark.parametrize(
    ("values", "region", "tags"),
    [
        ({}, "eastus", {"team": "ml"}),
        ({"location": "West Europe", "tags": {"env": "dev"}}, "westeurope", {"env": "dev"}),
        ({"body": {"location": "westus", "tags": {"env": "dev"}}}, "westus", {"env": "dev"}),
        ({"body": json.dumps({"location": "westus"})}, "westus", {"team": "ml"}),
    ],
)
def test_a_resource_of_the_api_takes_what_it_does_not_say_from_its_provider(
    one: One, values: dict[str, Any], region: str, tags: dict[str, str]
) -> None:
    kind = {"type": "Microsoft.Storage/storageAccounts@2023-05-01", "name": "data"}
    found = one("azapi_resource.data", {**kind, **values}, provider_config=API, actions=())
    assert (found.region, found.tags) == (region, tags)


def test_of_a_resource_of_the_api_a_plan_shows_what_came_of_it(one: One) -> None:
    values = {"type": "Microsoft.Authorization/roleAssignments@2022-04-01", "tags": None, "location": None, "body": {}}
    found = one("azapi_resource.data", values, provider_config=API)
    assert (found.region, found.tags) == ("", {})


def test_tags_that_a_plan_leaves_to_the_provider_are_open_where_it_has_some(one: One, later: Unknown) -> None:
    values = {
        "type": "Microsoft.Storage/storageAccounts@2023-05-01",
        "tags": later,
        "body": {"properties": {"a": later}},
    }
    expressions = {"type": {}, "body": {}}
    assert isinstance(one("azapi_resource.data", values, provider_config=API, expressions=expressions).tags, Unknown)
    assert one("azapi_resource.data", values, provider_config={}, expressions=expressions).tags == {}


def test_of_two_names_of_an_argument_the_one_that_is_written_counts(one: One, later: Unknown) -> None:
    account = {**HERE, "https_traffic_only_enabled": later, "enable_https_traffic_only": False}
    written = {"enable_https_traffic_only": {"constant_value": False}}
    found = one("azurerm_storage_account.data", account, expressions=written)
    assert found.attributes["tls_required"] is False


@pytest.mark.parametrize("sender", ["oms_agent", "microsoft_defender"])
def test_a_cluster_sends_its_logs_to_a_workspace(one: One, block: Block, later: Unknown, sender: str) -> None:
    kind, key = "azurerm_log_analytics_workspace", "log_analytics_workspace_id"
    workspace = block(f"{kind}.k", {"name": "logs", "location": "East US", "id": later})
    written = {sender: [{key: {"references": [f"{kind}.k.id", f"{kind}.k"]}}]}
    values = {**HERE, sender: [{key: later}]}
    cluster = one("azurerm_kubernetes_cluster.data", values, workspace, expressions=written)
    assert cluster.attributes["log_regions"] == ["eastus"]
    assert cluster.citations["attributes.log_regions"].path == (sender, 0, key)
    assert one("azurerm_kubernetes_cluster.data", HERE).attributes["log_regions"] == []


@pytest.mark.parametrize(
    ("scale", "machines", "spot"),
    [
        ({"fixed_scale": [{"target_dedicated_nodes": 2, "target_low_priority_nodes": 6}]}, 8, False),
        ({"fixed_scale": [{"target_dedicated_nodes": 0, "target_low_priority_nodes": 6}]}, 6, True),
        ({"fixed_scale": [{"target_dedicated_nodes": None}]}, 1, False),
        ({"auto_scale": [{"formula": "$TargetDedicatedNodes=max(4);"}]}, None, None),
    ],
)
def test_a_pool_of_azure_batch(
    one: One, block: Block, scale: dict[str, Any], machines: int | None, spot: bool | None
) -> None:
    account = block("azurerm_batch_account.data", {"name": "batch", "location": "East US"})
    values = {"name": "gpu", "account_name": "batch", "vm_size": "Standard_NC24ads_A100_v4", **scale}
    pool = one("azurerm_batch_pool.gpu", values, account)
    assert (pool.type, pool.region) == ("ml.training", "eastus")
    found = [pool.attributes[name] for name in ("minimum", "maximum", "spot")]
    assert [None if isinstance(value, Unknown) else value for value in found] == [machines, machines, spot]


def test_an_autoscale_setting_that_is_switched_off_decides_nothing(one: One, block: Block) -> None:
    group = {**HERE, "id": "/groups/data", "sku": "Standard_NC24ads_A100_v4", "instances": 2}
    setting: dict[str, Any] = {
        "target_resource_id": "/groups/data",
        "profile": [{"capacity": [{"minimum": 0, "maximum": 9}]}],
    }
    kind = "azurerm_linux_virtual_machine_scale_set"
    on = one(f"{kind}.data", group, block("azurerm_monitor_autoscale_setting.data", setting))
    off = one(f"{kind}.data", group, block("azurerm_monitor_autoscale_setting.data", {**setting, "enabled": False}))
    assert (on.attributes["maximum"], off.attributes["maximum"]) == (9, 2)


def test_a_database_that_is_copied_to_a_server_elsewhere(one: One, block: Block) -> None:
    found = one(
        "azurerm_mssql_server.data",
        {**HERE, "id": "/servers/data"},
        block("azurerm_mssql_server.far", {"name": "far", "location": "eastus", "id": "/servers/far"}),
        block("azurerm_mssql_database.db", {"name": "db", "server_id": "/servers/data", "id": "/db"}),
        block(
            "azurerm_mssql_database.copy",
            {"server_id": "/servers/far", "create_mode": "Copy", "creation_source_database_id": "/db", "name": "copy"},
        ),
    )
    assert found.attributes["replica_regions"] == ["eastus"]


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("azurerm_sql_server", "database.instance"),
        ("azurerm_mariadb_server", "database.instance"),
        ("azurerm_mongo_cluster", "database.instance"),
        ("azurerm_cognitive_account", "ml.endpoint"),
        ("azurerm_ai_services", "ml.endpoint"),
        ("azurerm_databricks_workspace", "ml.workspace"),
    ],
)
def test_more_of_what_holds_data_or_works_on_it(one: One, kind: str, becomes: str) -> None:
    assert one(f"{kind}.data", HERE).type == becomes


def test_a_cluster_of_documents_is_followed_to_other_regions(one: One, block: Block) -> None:
    kind = "azurerm_mongo_cluster"
    far = {"name": "far", "location": "eastus", "create_mode": "GeoReplica", "source_server_id": "/clusters/data"}
    found = one(f"{kind}.data", {**HERE, "id": "/clusters/data"}, block(f"{kind}.far", far))
    assert found.attributes["replica_regions"] == ["eastus"]
    assert found.attributes["public"] is True
