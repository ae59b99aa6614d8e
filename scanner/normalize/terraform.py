"""Understands Terraform resources of AWS, Google Cloud, Azure and Vault. Dialect `terraform`.

The body of a document is one instance of a resource, as the plan (or another Terraform loader) describes it. What is
deleted is left out, because it will not be there to be judged; data sources are left out, but what refers to them is
followed. Resources that only describe a part of another (a bucket's versioning, a launch template) are folded into
it, and remain resources of type `other` themselves. The node pools written inside of a cluster are resources of their
own, because that is what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from scanner.model import Document, Path, Problem, Resource, uid_of
from scanner.normalize import _types
from scanner.normalize._reading import Getter, attributes, read, understood
from scanner.normalize._terraform import azapi, manifests
from scanner.normalize._terraform.cache import GETTERS as CACHES
from scanner.normalize._terraform.capacity import GETTERS as CAPACITY
from scanner.normalize._terraform.clusters import GETTERS as CLUSTERS
from scanner.normalize._terraform.compute import GETTERS as COMPUTE
from scanner.normalize._terraform.data import GETTERS as STORES
from scanner.normalize._terraform.database import GETTERS as DATABASE
from scanner.normalize._terraform.estate import Estate
from scanner.normalize._terraform.flow_aws import GETTERS as AWS_FLOW
from scanner.normalize._terraform.flow_azure import GETTERS as AZURE_FLOW
from scanner.normalize._terraform.flow_google import GETTERS as GOOGLE_FLOW
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.listener import GETTERS as LISTENERS
from scanner.normalize._terraform.mesh import GETTERS as MESH
from scanner.normalize._terraform.past import past
from scanner.normalize._terraform.pools import LABELED_BY_POOL, nested_pools
from scanner.normalize._terraform.region import region
from scanner.normalize._terraform.secret import GETTERS as SECRETS
from scanner.normalize._terraform.storage import GETTERS as STORAGE
from scanner.normalize._terraform.tags import tags
from scanner.normalize._terraform.traffic import GETTERS as BACKENDS
from scanner.normalize._terraform.vault import GETTERS as VAULT
from scanner.normalize._terraform.web import GETTERS as WEB

MACHINES = {**COMPUTE, **CAPACITY}
FLOW = {**AWS_FLOW, **GOOGLE_FLOW, **AZURE_FLOW}
TRAFFIC = {**CACHES, **BACKENDS, **LISTENERS, **WEB, **MESH}
DATA = {**STORES, **SECRETS, **VAULT}
GETTERS: Mapping[str, Mapping[str, Getter]] = {**STORAGE, **DATABASE, **DATA, **TRAFFIC, **CLUSTERS, **MACHINES, **FLOW}
"""Native type to a getter for each attribute that Terraform can say something about."""

__all__ = ["past", "resources"]

_SILENT = "Terraform does not say"

_PROVIDERS = {
    "google": "gcp",
    "google-beta": "gcp",
    "azurerm": "azure",
    "azapi": "azure",
    "azuread": "azure",
    "awscc": "aws",
}

_NAMES = {
    "aws_s3_bucket": "bucket",
    "aws_db_instance": "identifier",
    "aws_rds_cluster": "cluster_identifier",
    "aws_docdb_cluster": "cluster_identifier",
    "aws_neptune_cluster": "cluster_identifier",
    "aws_redshift_cluster": "cluster_identifier",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_msk_cluster": "cluster_name",
    "aws_msk_serverless_cluster": "cluster_name",
    "aws_dax_cluster": "cluster_name",
    "aws_mq_broker": "broker_name",
    "aws_elasticache_cluster": "cluster_id",
    "aws_redshiftserverless_workgroup": "workgroup_name",
    "aws_opensearch_domain": "domain_name",
    "aws_elasticsearch_domain": "domain_name",
    "aws_api_gateway_domain_name": "domain_name",
    "aws_apigatewayv2_domain_name": "domain_name",
    "google_api_gateway_gateway": "gateway_id",
    "google_managed_kafka_cluster": "cluster_id",
    "google_memorystore_instance": "instance_id",
    "aws_apprunner_service": "service_name",
    "aws_lambda_function_url": "function_name",
    "aws_dms_endpoint": "endpoint_id",
    "google_datastream_connection_profile": "connection_profile_id",
    "aws_eks_node_group": "node_group_name",
    "aws_sagemaker_domain": "domain_name",
    "google_bigquery_dataset": "dataset_id",
    "google_secret_manager_secret": "secret_id",
    "google_secret_manager_regional_secret": "secret_id",
    "google_artifact_registry_repository": "repository_id",
    "google_alloydb_cluster": "cluster_id",
    "vault_kubernetes_auth_backend_role": "role_name",
    "vault_approle_auth_backend_role": "role_name",
    "vault_jwt_auth_backend_role": "role_name",
    "vault_token_auth_backend_role": "role_name",
    "vault_aws_auth_backend_role": "role",
    "vault_gcp_auth_backend_role": "role",
    "vault_azure_auth_backend_role": "role",
    "vault_azure_secret_backend_role": "role",
    "vault_ldap_secret_backend_dynamic_role": "role_name",
    "vault_mount": "path",
    "vault_auth_backend": "path",
    "vault_jwt_auth_backend": "path",
    "vault_ldap_auth_backend": "path",
    "vault_audit": "path",
}
"""The argument that holds the cloud's name for a thing, where it is not `name`."""


class _Reader(Struct):
    """What is read once for all resources of a partition."""

    estate: Estate
    references: dict[int, Mapping[Path, tuple[str, ...]]] = field(default_factory=dict)
    """Instances of one block share its configuration, which is flattened once; by identity."""


def resources(documents: Sequence[Document]) -> Iterator[Resource | Problem]:
    """Every managed resource of one partition that will exist after the plan is applied, understood."""
    kept = [document for document in documents if not _is_leaving(document)]
    reader = _Reader(Estate(kept))
    managed = [document for document in kept if document.body["mode"] in {"managed", "setting"}]
    yield from understood(managed, lambda document: _resources(document, reader))
    yield from manifests.objects(reader.estate, _fate)


def _is_leaving(document: Document) -> bool:
    """`forget` takes a thing out of Terraform's hands; it is no part of this configuration any more."""
    return document.body["actions"] in {("delete",), ("forget",)}


def _resources(document: Document, reader: _Reader) -> Iterator[Resource]:
    item = Item(document, reader.estate)
    word = azapi.word(item)
    kind = _types.canonical("terraform").get(word, _types.OTHER)
    whole = _resource(item, kind, GETTERS.get(word, {}), reader)
    yield whole
    yield from _pools(item, whole)


def _resource(item: Item, kind: str, getters: Mapping[str, Getter], reader: _Reader) -> Resource:
    body, origin = item.document.body, item.origin
    where, where_cited = read(region, item)
    tagged, tags_cited = read(tags, item)
    values, cited = attributes(kind, getters, item, _SILENT)
    return Resource(
        uid=uid_of(origin.uri, origin.address),
        type=kind,
        native_type=item.type,
        provider=_PROVIDERS.get(body["provider"], body["provider"]),
        name=_name(item),
        region=where,
        tags=tagged,
        attributes=values,
        native=item.body,
        origin=origin,
        citations={"region": where_cited, "tags": tags_cited, **cited},
        sensitive=body["sensitive"],
        references=_references(body["expressions"], reader),
        change=_fate(item),
    )


def _name(item: Item) -> str:
    """The cloud's name or how it begins, as far as that is known; else the name of the block.

    Blocks of modules are nearly all called `this`, so there it is the whole address.
    """
    body = item.document.body
    key = _NAMES.get(item.type, "name")
    name, prefix = item.body.get(key), item.body.get(f"{key}_prefix")
    if isinstance(name, str) and name:
        return name
    if isinstance(prefix, str) and prefix and not body["sensitive"] & {(), (f"{key}_prefix",)}:
        return f"{prefix}*"
    return str(body["address"] if body["module"] else body["name"])


def _fate(item: Item) -> str:
    """What the change does to a resource."""
    body = item.document.body
    return str(body.get("fate") or _change(body["actions"]))


def _change(actions: Sequence[str]) -> str:
    if len(actions) > 1:
        return "replace"
    return actions[0] if actions else "none"


def _references(expressions: Mapping[str, Any], reader: _Reader) -> Mapping[Path, tuple[str, ...]]:
    known = reader.references.get(id(expressions))
    if known is None:
        known = reader.references[id(expressions)] = dict(_flattened(expressions, ()))
    return known


def _flattened(written: Any, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The plan writes an argument as an object with `references` or `constant_value`, a nested block as a list.

    Functions of constants are empty objects.
    """
    if isinstance(written, list):
        for index, entry in enumerate(written):
            yield from _flattened(entry, (*path, index))
    elif isinstance(written, Mapping):
        found = written.get("references")
        if isinstance(found, list) and all(isinstance(reference, str) for reference in found):
            yield path, tuple(found)
            yield from (((*path, *entry), tuple(names)) for entry, names in written.get("entries", ()))
        elif "constant_value" in written or (path and not written):
            yield path, ()
        else:
            for key, entry in written.items():
                yield from _flattened(entry, (*path, key))


def _pools(cluster: Item, whole: Resource) -> Iterator[Resource]:
    """The node pools written inside of a cluster, each with the cluster's region and tags."""
    for name, pool, getters in nested_pools(cluster):
        values, cited = attributes("kubernetes.node_pool", getters, pool, _SILENT)
        shared = {key: whole.citations[key] for key in ("region", "tags")}
        tags = whole.tags
        if cluster.type in LABELED_BY_POOL:
            tags, shared["tags"] = values["machine_tags"], cited["attributes.machine_tags"]
        yield Resource(
            uid=f"{whole.uid}/{name}",
            type="kubernetes.node_pool",
            native_type=whole.native_type,
            provider=whole.provider,
            name=name,
            region=whole.region,
            tags=tags,
            attributes=values,
            native=whole.native,
            origin=whole.origin,
            citations=shared | cited,
            sensitive=whole.sensitive,
            references=whole.references,
            change=whole.change,
        )
