"""Traffic between services: the meshes of the clouds, what a load balancer passes on, and how data jobs connect."""

from __future__ import annotations

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter, no
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import flag, is_on
from scanner.patterns import regex

_POLICY = ("google_network_security_server_tls_policy",)
_SERVERLESS = ("google_compute_region_network_endpoint_group",)

_OUTSIDE = frozenset({"NON_GCP_PRIVATE_IP_PORT", "INTERNET_IP_PORT", "INTERNET_FQDN_PORT"})
"""Types of endpoints outside of Google's network: in a data center of one's own, on the internet."""

_TLS_BACKENDS = frozenset({"HTTPS", "HTTP2", "SSL"})
_PLAIN_BACKENDS = frozenset({"HTTP", "H2C"})

_WITH_SSL_MODE = frozenset(
    {
        "aurora",
        "aurora-postgresql",
        "aurora-postgresql-serverless",
        "aurora-serverless",
        "azure-sql-managed-instance",
        "azuredb",
        "babelfish",
        "db2",
        "db2-zos",
        "docdb",
        "mariadb",
        "mongodb",
        "mysql",
        "oracle",
        "postgres",
        "sqlserver",
        "sybase",
    }
)
"""Engines of the migration service that are told by `ssl_mode`, which is `none` unless somebody chooses another.

https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEndpoint.html
"""
_BY_API = frozenset({"dynamodb", "kinesis", "neptune", "redshift", "redshift-serverless", "s3"})
"""Engines that are spoken to over TLS alone: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html"""
_SEARCH = frozenset({"elasticsearch", "opensearch"})
_KAFKA_TLS = frozenset({"ssl-encryption", "ssl-authentication", "sasl-ssl"})

_ENCRYPT = regex(r"(?i)(?:^|;)\s*(?:encrypt|ssl[ _]?mode|usessl|encryptionmethod)\s*=\s*([^;]+)")
_REFUSALS = frozenset({"false", "0", "no", "none", "disable", "disabled", "optional", "prefer", "preferred"})


def _appmesh_listeners(item: Item) -> list[Block]:
    found = [] if item.left_unset("spec") else item.blocks("spec", 0, "listener")
    item.cite("spec", 0, "listener")
    return found


def _appmesh_tls(item: Item) -> bool:
    """`PERMISSIVE` takes both. A node without a listener takes nothing."""
    return all(
        bool(tls := listener.blocks("tls")) and tls[0].get("mode") == "STRICT" for listener in _appmesh_listeners(item)
    )


def _appmesh_identity(item: Item) -> bool:
    """With a validation block clients have to present a certificate that its trust store knows."""
    return all(
        bool(tls := listener.blocks("tls")) and bool(tls[0].blocks("validation"))
        for listener in _appmesh_listeners(item)
    )


def _lattice_identity(item: Item) -> bool:
    """Requests are signed where the service, or a network that it is associated with, asks for IAM."""
    key = "service_identifier" if item.left_unset("service_arn") else "service_arn"
    service = item.target(key, kinds=("aws_vpclattice_service",))
    if service is None:
        raise UnknownRead(Unknown("which service it belongs to is not written", key))
    if service.setting("auth_type", default="NONE") == "AWS_IAM":
        return True
    joins = service.satellites("aws_vpclattice_service_network_service_association", "service_identifier")
    networks = [join.target("service_network_identifier", kinds=("aws_vpclattice_service_network",)) for join in joins]
    asked = [network.setting("auth_type", default="NONE") == "AWS_IAM" for network in networks if network]
    service.cite("auth_type")
    return bool(asked) and all(asked)


def _endpoint_tls(item: Item) -> bool:
    found = item.target("server_tls_policy", kinds=_POLICY)
    return found is not None and not is_on(found.setting("allow_open", default=False))


def _endpoint_identity(item: Item) -> bool:
    found = item.target("server_tls_policy", kinds=_POLICY)
    return found is not None and not found.left_unset("mtls_policy") and bool(found.get("mtls_policy"))


def _group_passes(item: Item) -> bool:
    """So do groups of network load balancers that do not speak TLS, and functions, which have no protocol."""
    return item.setting("target_type", default="instance") == "lambda" or item.setting("protocol", default="") not in {
        "HTTP",
        "HTTPS",
        "TLS",
    }


def _group_tls(item: Item) -> bool:
    return bool(item.setting("protocol", default="") in {"HTTPS", "TLS"})


def _service_passes(item: Item) -> bool:
    protocol = item.setting("protocol", default="HTTP")
    return protocol not in _TLS_BACKENDS | _PLAIN_BACKENDS or (protocol in _PLAIN_BACKENDS and _is_serverless(item))


def _is_serverless(item: Item) -> bool:
    """Behind a serverless group are services of Google, which it speaks to in its own way, whatever is written."""
    blocks = [] if item.left_unset("backend") else item.blocks("backend")
    for index in range(len(blocks)):
        path = ("backend", index, "group")
        groups = item.views(item.estate.meant(item, path, _SERVERLESS).items)
        if any(one.setting("network_endpoint_type", default="SERVERLESS") == "SERVERLESS" for one in groups):
            return True
        group = item.peek(*path)
        if not groups and isinstance(group, str) and "networkEndpointGroups" in group:
            raise UnknownRead(Unknown("whether its group is serverless is not in this plan", "group"))
    item.cite("protocol")
    return False


def _network_encrypts(item: Item) -> bool:
    """Google encrypts what goes to machines inside of its network, whichever of its load balancers sends it.

    https://cloud.google.com/load-balancing/docs/ssl-certificates/encryption-to-the-backends
    """
    blocks = [] if item.left_unset("backend") else item.blocks("backend")
    return all(_is_inside(item, ("backend", index, "group")) for index in range(len(blocks)))


def _is_inside(item: Item, path: Path) -> bool:
    groups = item.views(item.estate.meant(item, path).items)
    endpoints = [one for one in groups if one.type.endswith("network_endpoint_group")]
    if endpoints:
        return not any(one.setting("network_endpoint_type", default="") in _OUTSIDE for one in endpoints)
    group = item.peek(*path)
    if any("instance_group" in one.type for one in groups) or "/instanceGroups/" in str(group):
        return True
    if isinstance(group, str) and "/global/networkEndpointGroups/" in group:
        return False
    raise UnknownRead(Unknown("whether its group is inside of Google's network is not in this plan", "group"))


def _service_tls(item: Item) -> bool:
    return bool(item.setting("protocol", default="HTTP") in _TLS_BACKENDS)


def _migration_tls(item: Item) -> bool:
    engine = str(item.get("engine_name"))
    if engine in _BY_API:
        return True
    if engine == "redis":
        return bool(item.setting("redis_settings", 0, "ssl_security_protocol", default="ssl-encryption") != "plaintext")
    if engine == "kafka":
        return item.setting("kafka_settings", 0, "security_protocol", default="plaintext") in _KAFKA_TLS
    if engine in _SEARCH:
        return not str(item.get("elasticsearch_settings", 0, "endpoint_uri")).startswith("http://")
    if engine not in _WITH_SSL_MODE:
        raise UnknownRead(Unknown(f"how {engine} is connected to is not known", "engine_name"))
    return bool(item.setting("ssl_mode", default="none") != "none")


def _glue_tls(item: Item) -> bool:
    """Only connections to databases are asked whether they insist on TLS; to Kafka it is the default."""
    kind = item.setting("connection_type", default="JDBC")
    if kind == "JDBC":
        return is_on(item.setting("connection_properties", "JDBC_ENFORCE_SSL", default="false"))
    if kind == "KAFKA":
        return is_on(item.setting("connection_properties", "KAFKA_SSL_ENABLED", default="true"))
    return True


def _stream_tls(item: Item) -> bool:
    """A profile without TLS settings connects in the clear, unless through a tunnel.

    Profiles of Google's own services have none to set, and that of PostgreSQL had none in older providers.
    """
    if not item.left_unset("forward_ssh_connectivity") and item.get("forward_ssh_connectivity"):
        return True
    if not item.left_unset("mysql_profile") and item.get("mysql_profile"):
        return bool(item.get("mysql_profile", 0, "ssl_config"))
    if not item.left_unset("postgresql_profile") and item.get("postgresql_profile"):
        written = item.get("postgresql_profile", 0, "ssl_config")
        if written is None:
            raise UnknownRead(Unknown("not every version of the provider can say so", "ssl_config"))
        return bool(written)
    if not item.left_unset("oracle_profile") and item.get("oracle_profile"):
        raise UnknownRead(
            Unknown("how it connects to Oracle is decided by its connection attributes", "oracle_profile")
        )
    return True


def _linked_tls(item: Item) -> bool:
    """Decided by the connection string, else by the driver. Azure's own database takes nothing but TLS."""
    text = item.setting("connection_string", default="")
    chosen = _ENCRYPT.search(text) if isinstance(text, str) else None
    if chosen:
        return chosen[1].strip().lower() not in _REFUSALS
    if item.type == "azurerm_data_factory_linked_service_azure_sql_database":
        return True
    raise UnknownRead(Unknown("the connection string leaves it to the driver", "connection_string"))


_APPMESH: dict[str, Getter] = {"tls_required": _appmesh_tls, "client_identity_required": _appmesh_identity}
_BACKEND_SERVICE: dict[str, Getter] = {
    "tls": _service_tls,
    "passes_through": _service_passes,
    "encrypted_by_network": _network_encrypts,
}
_TARGET_GROUP: dict[str, Getter] = {
    "tls": _group_tls,
    "passes_through": _group_passes,
    "encrypted_by_network": no,
}
_LINKED: dict[str, Getter] = {"tls": _linked_tls}

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_appmesh_virtual_node": _APPMESH,
    "aws_appmesh_virtual_gateway": _APPMESH,
    "aws_vpclattice_listener": {
        "tls_required": lambda item: bool(item.get("protocol") in {"HTTPS", "TLS_PASSTHROUGH"}),
        "client_identity_required": _lattice_identity,
    },
    "google_network_services_endpoint_policy": {
        "tls_required": _endpoint_tls,
        "client_identity_required": _endpoint_identity,
    },
    "aws_lb_target_group": _TARGET_GROUP,
    "aws_alb_target_group": _TARGET_GROUP,
    "google_compute_backend_service": _BACKEND_SERVICE,
    "google_compute_region_backend_service": _BACKEND_SERVICE,
    "aws_dms_endpoint": {"tls": _migration_tls},
    "aws_db_proxy": {"tls": flag("require_tls", default=False)},
    "aws_glue_connection": {"tls": _glue_tls},
    "google_datastream_connection_profile": {"tls": _stream_tls},
    "azurerm_data_factory_linked_service_azure_sql_database": _LINKED,
    "azurerm_data_factory_linked_service_mysql": _LINKED,
    "azurerm_data_factory_linked_service_postgresql": _LINKED,
    "azurerm_data_factory_linked_service_sql_server": _LINKED,
}
