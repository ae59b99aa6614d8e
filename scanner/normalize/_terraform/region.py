"""Where a Terraform resource is: its own arguments first, then its provider's configuration, then its ARNs.

Data sources such as `aws_region` tell the region of their provider configuration, also where that is computed.
The regions of the other resources of a plan are never taken for its own: a plan may reach several.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.model import Unknown, known
from scanner.normalize._terraform.bodies import told
from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_AWS_GLOBAL = regex(
    r"aws_(account|budgets|ce|cloudfront|cur|globalaccelerator|iam|organizations|route53|shield|waf)_"
    r"(?!resolver_|recoverycontrolconfig_|profiles_)"
)
"""Services without a region: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"""

_ELSEWHERE = frozenset(
    {
        "destination_arn",
        "destination_location_arn",
        "endpoint",
        "global_table_arn",
        "primary_key_arn",
        "replicate_source_db",
        "replication_source_identifier",
        "source_db_instance_arn",
        "source_location_arn",
        "target_arn",
    }
)
"""Arguments whose ARNs may well name another region than that of the resource."""
_TARGETS = frozenset({"aws_cloudwatch_event_target", "aws_lakeformation_resource"})
"""Types whose `arn` is not their own, but that of what they lead to."""

_AWS_REGION = regex(r"([a-z]{2}(?:-[a-z]+)+-\d)")
_GOOGLE_PLACE = regex(r"/(?:regions|zones|locations)/([^/]+)")

_TAKES = {
    "google_api_gateway_gateway": "region",
    "google_artifact_registry_repository": "location",
    "google_cloudfunctions_function": "region",
    "google_composer_environment": "region",
    "google_compute_disk": "zone",
    "google_compute_instance": "zone",
    "google_compute_instance_from_template": "zone",
    "google_compute_instance_group_manager": "zone",
    "google_compute_region_disk": "region",
    "google_compute_region_instance_group_manager": "region",
    "google_compute_resource_policy": "region",
    "google_compute_subnetwork": "region",
    "google_container_cluster": "location",
    "google_dataflow_flex_template_job": "region",
    "google_dataflow_job": "region",
    "google_dataproc_cluster": "region",
    "google_filestore_instance": "location",
    "google_memcache_instance": "region",
    "google_notebooks_runtime": "location",
    "google_redis_cluster": "region",
    "google_redis_instance": "region",
    "google_sql_database_instance": "region",
    "google_tpu_node": "zone",
    "google_tpu_v2_queued_resource": "zone",
    "google_tpu_v2_vm": "zone",
    "google_vertex_ai_dataset": "region",
    "google_vertex_ai_deployment_resource_pool": "region",
    "google_vertex_ai_feature_online_store": "region",
    "google_vertex_ai_featurestore": "region",
    "google_vertex_ai_index": "region",
    "google_vertex_ai_metadata_store": "region",
    "google_vertex_ai_tensorboard": "region",
}
"""The argument in which a type takes the provider's place when it sets none; a configuration does not show it then."""

_IN_THE_ZONE = frozenset({"google_container_cluster"})
"""Types whose `location` is the provider's zone, not its region, where nobody says: such a cluster is a zonal one.

https://github.com/hashicorp/terraform-provider-google/blob/main/google/tpgresource/regional_utils.go
"""

_PLACED = {"google_bigquery_dataset": "us"}
"""Where a type is that takes no place from its provider, if nobody says.

https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/bigquery_dataset#location
"""

_GOOGLE_PLACES = {"google_firestore_database": ("location_id",)}
"""The arguments of types that call their place otherwise than `zone`, `location` or `region`."""

_PARENTS = {
    "aws_rds_cluster_instance": ("cluster_identifier", "aws_rds_cluster"),
    "azurerm_key_vault_secret": ("key_vault_id", "azurerm_key_vault"),
    "azurerm_kubernetes_cluster_node_pool": ("kubernetes_cluster_id", "azurerm_kubernetes_cluster"),
    "azurerm_machine_learning_compute_instance": (
        "machine_learning_workspace_id",
        "azurerm_machine_learning_workspace",
    ),
    "azurerm_machine_learning_compute_cluster": ("machine_learning_workspace_id", "azurerm_machine_learning_workspace"),
    "azurerm_batch_pool": ("account_name", "azurerm_batch_account"),
    "azurerm_container_app": ("container_app_environment_id", "azurerm_container_app_environment"),
    "azurerm_linux_web_app_slot": ("app_service_id", "azurerm_linux_web_app"),
    "azurerm_windows_web_app_slot": ("app_service_id", "azurerm_windows_web_app"),
    "azurerm_linux_function_app_slot": ("function_app_id", "azurerm_linux_function_app"),
    "azurerm_windows_function_app_slot": ("function_app_id", "azurerm_windows_function_app"),
    "azurerm_eventhub": ("namespace_id", "azurerm_eventhub_namespace"),
    "azurerm_mssql_database": ("server_id", "azurerm_mssql_server"),
    "azurerm_redis_enterprise_database": ("cluster_id", "azurerm_redis_enterprise_cluster"),
    "azurerm_servicebus_queue": ("namespace_id", "azurerm_servicebus_namespace"),
    "azurerm_servicebus_topic": ("namespace_id", "azurerm_servicebus_namespace"),
    "azurerm_capacity_reservation": ("capacity_reservation_group_id", "azurerm_capacity_reservation_group"),
    "azurerm_key_vault_key": ("key_vault_id", "azurerm_key_vault"),
    "azurerm_key_vault_managed_hardware_security_module_key": (
        "managed_hsm_id",
        "azurerm_key_vault_managed_hardware_security_module",
    ),
    "google_kms_crypto_key": ("key_ring", "google_kms_key_ring"),
    "google_container_node_pool": ("cluster", "google_container_cluster"),
}
"""Types that are where their parent is, when they do not say so themselves: the argument and the parent's type."""


def region(item: Item) -> Any:
    """The provider's own name of the region or zone, lower case; empty for what has none."""
    provider = item.document.body["provider"]
    if provider in {"aws", "awscc"}:
        return _aws(item)
    if provider in {"google", "google-beta"}:
        return _google(item)
    if provider in {"azurerm", "azapi"}:
        return _azure(item)
    return ""


def azure_name(words: str) -> str:
    """`East US`, `EastUs` and `eastus` are one region."""
    return words.replace(" ", "").lower()


def google_name(place: str) -> str:
    """The last part of a path or self link, lower case."""
    return place.rpartition("/")[2].lower()


def _aws(item: Item) -> Any:
    if _AWS_GLOBAL.match(item.type):
        return ""
    own = item.peek("region")
    if isinstance(own, str) and own:
        return own.lower()
    if isinstance(own, Unknown) and item.configured("region"):
        return own
    provider = item.document.body["provider_config"].get("region")
    if isinstance(provider, str) and not _own_arn(item):
        return provider.lower()
    return item.estate.provider_region(item) or _from_arns(item) or _undecided(item, provider)


def _undecided(item: Item, provider: Any) -> Unknown:
    item.cite()
    if isinstance(provider, Unknown):
        return provider
    if item.stands:
        return Unknown("no ARN of it in the state tells its region")
    return Unknown("the provider's region is not written; it comes from the environment of whoever applies it")


def _from_arns(item: Item) -> str:
    """The region that its own ARN names, or its zone, or else all ARNs in its arguments agree on."""
    own = _own_arn(item)
    if own:
        item.cite("arn")
        return own
    found = dict(_aws_regions(item))
    if len(found) == 1:
        name, key = found.popitem()
        item.cite(key)
        return name
    return ""


def _own_arn(item: Item) -> str:
    return "" if item.type in _TARGETS else _arn_region(item.body.get("arn"))


def _aws_regions(item: Item) -> Iterator[tuple[str, str]]:
    for key, value in item.body.items():
        if key in _ELSEWHERE or (key == "arn" and item.type in _TARGETS):
            continue
        if key in {"availability_zone", "availability_zones"}:
            for zone in value if isinstance(value, list) else [value]:
                match = _AWS_REGION.match(zone) if isinstance(zone, str) else None
                if match:
                    yield match[1], key
        elif isinstance(value, str) and _arn_region(value):
            yield _arn_region(value), key


def _arn_region(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("arn:"):
        return ""
    parts = value.split(":", 4)
    return parts[3] if len(parts) > 4 and _AWS_REGION.fullmatch(parts[3]) else ""  # noqa: PLR2004  # arn:partition:service:region:rest


def _google(item: Item) -> Any:
    if item.type in {"google_spanner_instance", "google_spanner_instance_partition"}:
        own = item.estate.pointed(item, ("config",), ("google_spanner_instance_config",))
        if len(own) == 1 and own[0].get("base_config"):
            return google_name(own[0].get("base_config")).removeprefix("regional-")
        return google_name(item.get("config") or "").removeprefix("regional-")
    if item.type == "google_bigtable_instance":
        return next(bigtable_zones(item), "")
    for key in _GOOGLE_PLACES.get(item.type, ("zone", "location", "region")):
        value = item.peek(key)
        if isinstance(value, str) and value:
            return google_name(value)
    for key in ("self_link", "id"):
        match = _GOOGLE_PLACE.search(value) if isinstance(value := item.peek(key), str) else None
        if match:
            return match[1].lower()
    return _google_default(item)


def bigtable_zones(item: Item) -> Iterator[Any]:
    """Where its clusters are; the first is taken for its own place. One that names no zone is in the provider's."""
    for index in range(len([] if item.left_unset("cluster") else item.blocks("cluster"))):
        path = ("cluster", index, "zone")
        written = item.peek(*path)
        unset = item.left_alone(*path) if isinstance(written, Unknown) else not written
        place = (_provided(item, "zone") or _unsaid("zone")) if unset else written
        yield google_name(place) if isinstance(place, str) else place


def _google_default(item: Item) -> Any:
    """Types that take a place take the provider's; the other types have none."""
    if item.type in _PLACED and item.left_unset("location"):
        return _PLACED[item.type]
    taken = _TAKES.get(item.type, "")
    key = next((key for key in ("zone", "location", "region") if key in item.body), "" if item.planned else taken)
    if not key:
        return _parent(item)
    unknown = item.peek(key)
    if isinstance(unknown, Unknown) and not item.left_alone(key):
        return _parent(item) or unknown
    chosen = _provided(item, "zone" if item.type in _IN_THE_ZONE else key)
    if chosen is None:
        return _parent(item) or (unknown if isinstance(unknown, Unknown) else _unsaid(taken) if taken else "")
    return chosen.lower() if isinstance(chosen, str) else chosen


def _provided(item: Item, key: str) -> Any:
    """What the provider's configuration says about places; None where it says nothing."""
    settings = item.document.body["provider_config"]
    own = settings.get("zone") if key == "zone" else None
    return settings.get("region") if own is None else own


def _unsaid(key: str) -> Unknown:
    return Unknown("the provider's place is not written; it comes from the environment of whoever applies it", key)


_API_PARENTS = (
    "azapi_resource",
    "azurerm_machine_learning_workspace",
    "azurerm_ai_foundry",
    "azurerm_cognitive_account",
    "azurerm_ai_services",
)
"""What a resource of the API may be a part of; without a place of its own it is in that of its parent."""


def _azure(item: Item) -> Any:
    value = told(item, "location", "default_location") if item.type == "azapi_resource" else item.peek("location")
    if isinstance(value, Unknown) or (isinstance(value, str) and value):
        return azure_name(value) if isinstance(value, str) else _parent(item) or value
    return _parent(item)


def _parent(item: Item) -> Any:
    """The region of what it is a part of; empty for a type that is not a part of anything that has one."""
    if item.type == "azapi_resource":
        parents = item.estate.pointed(item, ("parent_id",), _API_PARENTS)
        return region(parents[0]) if len(parents) == 1 else ""
    if item.type not in _PARENTS:
        return ""
    key, kind = _PARENTS[item.type]
    named = item.peek(key)
    if isinstance(named, str) and (place := _GOOGLE_PLACE.search(named)):
        return place[1].lower()
    parent = item.target(key, kinds=(kind,))
    if parent is None:
        return ""
    return known(region(parent))
