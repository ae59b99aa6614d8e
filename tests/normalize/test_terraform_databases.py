"""Databases, caches, brokers, listeners and clusters as Terraform plans them."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

RDS = "aws_db_instance.ledger"
POSTGRES = {"identifier": "ledger", "engine": "postgres", "engine_version": "14.9", "storage_encrypted": True}
SQL = "google_sql_database_instance.ledger"


def sql(**settings: Any) -> dict[str, Any]:
    return {"name": "ledger", "region": "europe-west4", "database_version": "POSTGRES_15", "settings": [settings]}


def group(block: Block, **parameters: str) -> Document:
    pairs = [{"name": name.replace("__", "."), "value": value} for name, value in parameters.items()]
    return block("aws_db_parameter_group.tls", {"name": "tls", "parameter": pairs})


def test_the_parameter_group_decides_whether_rds_refuses_clear_text(one: One, block: Block) -> None:
    named = {**POSTGRES, "parameter_group_name": "tls"}
    assert one(RDS, named, group(block, rds__force_ssl="1")).attributes["tls_required"] is True
    assert (
        one(RDS, {**named, "engine_version": "16.1"}, group(block, rds__force_ssl="0")).attributes["tls_required"]
        is False
    )
    cited = one(RDS, named, group(block, other="0", rds__force_ssl="1")).citations["attributes.tls_required"]
    assert (cited.origin.address, cited.path) == ("aws_db_parameter_group.tls", ("parameter", 1, "value"))


def test_without_a_group_the_engines_default_holds(one: One) -> None:
    assert one(RDS, POSTGRES).attributes["tls_required"] is False
    assert one(RDS, {**POSTGRES, "engine_version": "15.4"}).attributes["tls_required"] is True
    assert one(RDS, {**POSTGRES, "parameter_group_name": "default.postgres14"}).attributes["tls_required"] is False
    mysql = {**POSTGRES, "engine": "mysql", "engine_version": "8.0.36"}
    assert one(RDS, mysql).attributes["tls_required"] is False
    aurora = {"engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.08.0"}
    assert one("aws_rds_cluster.c", aurora).attributes["tls_required"] is False
    assert one("aws_rds_cluster.c", {**aurora, "engine_version": "8.4.5"}).attributes["tls_required"] is True


def test_what_is_on_by_default_in_newer_providers_alone_is_not_guessed(one: One) -> None:
    assert isinstance(one("aws_redshift_cluster.c", {"cluster_identifier": "c"}).attributes["encryption"], Unknown)
    off = {"cluster_identifier": "c", "encrypted": False}
    assert one("aws_redshift_cluster.c", off).attributes["encryption"] == "none"


@pytest.mark.parametrize(
    "change",
    [
        {"parameter_group_name": "made-elsewhere"},
        {"engine_version": None},
        {"engine": "mysql", "engine_version": "8.4.1"},
        {"engine": "oracle-ee"},
    ],
)
def test_what_the_plan_does_not_hold_is_not_guessed(one: One, change: dict[str, Any]) -> None:
    assert isinstance(one(RDS, {**POSTGRES, **change}).attributes["tls_required"], Unknown)


def test_a_copy_is_as_encrypted_as_what_it_is_copied_from(one: One, block: Block) -> None:
    source = block("aws_db_instance.source", {"identifier": "source", "storage_encrypted": True})
    copy = {"identifier": "copy", "replicate_source_db": "source"}
    assert one("aws_db_instance.copy", copy, source).attributes["encryption"] == "provider"
    for kind, values in (
        ("aws_db_instance", copy),
        ("aws_db_instance", {"snapshot_identifier": "rds:production-2015-06-26-06-05"}),
        ("aws_rds_cluster", {"snapshot_identifier": "arn:aws:rds:eu-west-1:1:cluster-snapshot:s"}),
        ("aws_ebs_volume", {"snapshot_id": "snap-1"}),
    ):
        assert isinstance(one(f"{kind}.a", values).attributes["encryption"], Unknown)
    plain = one("aws_ebs_volume.a", {"encrypted": False, "snapshot_id": ""})
    assert plain.attributes["encryption"] == "none"
    assert plain.citations["attributes.encryption"].path == ("encrypted",)


def test_documentdb_and_neptune_refuse_clear_text_unless_told_otherwise(one: One, block: Block) -> None:
    def group(kind: str, name: str, value: str) -> Document:
        return block(kind, {"name": "own", "parameter": [{"name": name, "value": value}]})

    documents = {"cluster_identifier": "d", "db_cluster_parameter_group_name": "own", "storage_encrypted": True}
    off, strict = (group("aws_docdb_cluster_parameter_group.g", "tls", value) for value in ("disabled", "tls1.2+"))
    assert one("aws_docdb_cluster.d", {"cluster_identifier": "d"}).attributes["tls_required"] is True
    assert one("aws_docdb_cluster.d", documents, off).attributes["tls_required"] is False
    assert one("aws_docdb_cluster.d", documents, strict).attributes["tls_required"] is True
    graph = {"cluster_identifier": "n", "neptune_cluster_parameter_group_name": "own"}
    off = group("aws_neptune_cluster_parameter_group.g", "neptune_enforce_ssl", "0")
    found = one("aws_neptune_cluster.n", graph, off)
    assert (found.name, found.attributes["tls_required"], found.attributes["encryption"]) == ("n", False, "none")
    keyed = {**graph, "storage_encrypted": True, "kms_key_arn": "arn:aws:kms:eu-west-1:1:key/k"}
    assert one("aws_neptune_cluster.n", keyed, off).attributes["encryption"] == "customer"
    assert one("aws_docdb_cluster.d", documents, strict).attributes["encryption"] == "provider"


def test_a_provider_chosen_key_is_not_the_customers(one: One, later: Unknown) -> None:
    assert one(RDS, {**POSTGRES, "kms_key_id": later}, references={}).attributes["encryption"] == "provider"
    assert one(RDS, {**POSTGRES, "storage_encrypted": False}).attributes["encryption"] == "none"
    named = one(
        RDS, {**POSTGRES, "kms_key_id": later}, references={"kms_key_id": ["aws_kms_key.db.arn", "aws_kms_key.db"]}
    )
    assert named.attributes["encryption"] == "customer"
    passed = one(RDS, {**POSTGRES, "kms_key_id": later}, references={"kms_key_id": ["var.key"]})
    assert isinstance(passed.attributes["encryption"], Unknown)


def test_a_replica_elsewhere_counts_for_its_source(read: Any, block: Block) -> None:
    source = block(RDS, {**POSTGRES, "arn": "arn:aws:rds:eu-west-1:1:db:ledger"})
    replica = block(
        "aws_db_instance.copy",
        {"identifier": "copy", "engine": "postgres", "replicate_source_db": "arn:aws:rds:eu-west-1:1:db:ledger"},
        provider_config={"region": "us-east-1"},
    )
    found = read(source, replica)
    assert found[RDS].attributes["replica_regions"] == ["us-east-1"]
    assert found["aws_db_instance.copy"].attributes["replica_regions"] == []


@pytest.mark.parametrize(
    ("access", "required", "mutual"),
    [
        ({"ssl_mode": "ENCRYPTED_ONLY"}, True, False),
        ({"ssl_mode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"}, True, True),
        ({"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "require_ssl": True}, False, False),
        ({"require_ssl": True}, True, True),
        ({}, False, False),
    ],
)
def test_cloud_sql_over_tls(one: One, *, access: dict[str, Any], required: bool, mutual: bool) -> None:
    attributes = one(SQL, sql(ip_configuration=[access])).attributes
    assert (attributes["tls_required"], attributes["client_certificate_required"]) == (required, mutual)


def test_cloud_sql_takes_its_defaults_only_where_nobody_chose(one: One, later: Unknown) -> None:
    written = {"settings": [{"tier": {}}], "database_version": {}, "region": {}}
    assert one(SQL, sql(ip_configuration=later), expressions=written).attributes["tls_required"] is False
    chosen = {**written, "settings": [{"ip_configuration": [{"ssl_mode": {"references": ["var.mode"]}}]}]}
    waiting = sql(ip_configuration=[{"ssl_mode": later}])
    assert isinstance(one(SQL, waiting, expressions=chosen).attributes["tls_required"], Unknown)
    dynamic = {**written, "settings": [{"tier": {}}]}
    assert isinstance(one(SQL, waiting, expressions=dynamic).attributes["tls_required"], Unknown)


def test_the_citation_is_the_path_that_would_hold_it(one: One) -> None:
    cited = one(SQL, sql(ip_configuration=[{}])).citations["attributes.tls_required"]
    assert cited.path == ("settings", 0, "ip_configuration", 0, "ssl_mode")


def test_cloud_sql_keeps_backups_where_it_is_told_or_nearby(one: One) -> None:
    def regions(**backup: Any) -> Any:
        return one(SQL, sql(backup_configuration=[backup])).attributes["backup_regions"]

    assert regions(enabled=True, location="US") == ["us"]
    assert regions(enabled=True) == ["eu"]
    assert regions(enabled=True, location="europe-west4") == []
    assert regions(enabled=False) == []
    values = {**sql(backup_configuration=[{"enabled": True}]), "region": "australia-southeast1"}
    assert one(SQL, values).attributes["backup_regions"] == ["asia"]


def test_azure_flexible_servers_refuse_clear_text_unless_told_otherwise(one: One, block: Block, later: Unknown) -> None:
    server = {"name": "pg", "location": "East US", "geo_redundant_backup_enabled": True}
    turned_off = block(
        "azurerm_postgresql_flexible_server_configuration.tls",
        {"name": "require_secure_transport", "value": "off", "server_id": later},
        references={"server_id": ["azurerm_postgresql_flexible_server.pg.id", "azurerm_postgresql_flexible_server.pg"]},
    )
    other = block("azurerm_postgresql_flexible_server_configuration.x", {"name": "x", "value": "1", "server_id": later})
    address = "azurerm_postgresql_flexible_server.pg"
    assert one(address, server, other).attributes["tls_required"] is True
    assert one(address, server, other, turned_off).attributes["tls_required"] is False
    assert one(address, server).attributes["backup_regions"] == ["pair of eastus"]


def test_cosmos_db_lists_its_other_regions(one: One) -> None:
    account = one(
        "azurerm_cosmosdb_account.a",
        {
            "location": "westeurope",
            "geo_location": [{"location": "West Europe"}, {"location": "North Europe"}],
            "backup": [{"type": "Continuous"}],
        },
    )
    assert account.attributes["replica_regions"] == ["northeurope"]
    assert account.attributes["backup_regions"] == []
    assert account.citations["attributes.replica_regions"].path == ("geo_location", 1, "location")


@pytest.mark.parametrize(
    ("kind", "values", "required"),
    [
        ("aws_elasticache_replication_group", {"transit_encryption_enabled": True}, True),
        (
            "aws_elasticache_replication_group",
            {"transit_encryption_enabled": True, "transit_encryption_mode": "preferred"},
            False,
        ),
        ("aws_elasticache_replication_group", {"engine": "redis"}, False),
        ("google_redis_instance", {"transit_encryption_mode": "SERVER_AUTHENTICATION"}, True),
        ("google_redis_instance", {"transit_encryption_mode": "DISABLED"}, False),
        ("azurerm_redis_cache", {"non_ssl_port_enabled": False}, True),
        ("azurerm_redis_cache", {"enable_non_ssl_port": True}, False),
        (
            "aws_msk_cluster",
            {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT"}]}]},
            False,
        ),
        ("aws_msk_cluster", {"cluster_name": "events"}, True),
        ("azurerm_eventhub_namespace", {"name": "events"}, True),
    ],
)
def test_caches_and_brokers_over_tls(one: One, *, kind: str, values: dict[str, Any], required: bool) -> None:
    assert one(f"{kind}.it", values).attributes["tls_required"] is required


def test_a_broker_demands_certificates_only_where_there_is_no_other_way_in(one: One) -> None:
    tls = {"tls": [{"certificate_authority_arns": ["arn:aws:acm-pca:eu-west-1:1:certificate-authority/a"]}]}
    only = one("aws_msk_cluster.it", {"client_authentication": [tls]})
    beside = one("aws_msk_cluster.it", {"client_authentication": [{**tls, "sasl": [{"iam": True}]}]})
    assert only.attributes["client_certificate_required"] is True
    assert beside.attributes["client_certificate_required"] is False


def test_listeners(one: One, block: Block) -> None:
    redirect = {"type": "redirect", "redirect": [{"protocol": "HTTPS", "status_code": "HTTP_301"}]}
    plain = one("aws_lb_listener.a", {"protocol": "HTTP", "default_action": [redirect]})
    assert plain.attributes == {
        "tls": False,
        "passes_through": False,
        "redirects_to_tls": True,
        "client_certificate_required": False,
        "minimum_tls": "",
    }
    secure = one("aws_lb_listener.a", {"protocol": "HTTPS", "mutual_authentication": [{"mode": "verify"}]})
    assert secure.attributes == {
        "tls": True,
        "passes_through": False,
        "redirects_to_tls": False,
        "client_certificate_required": True,
        "minimum_tls": "1.0",
    }
    for words in ({"protocol": "TCP"}, {"protocol": "UDP"}, {}):
        passing = one("aws_lb_listener.a", {"port": 443, "default_action": [{"type": "forward"}], **words})
        assert (passing.attributes["tls"], passing.attributes["passes_through"]) == (False, True)
    for protocols, tls, passes in (
        (["http", "https"], False, False),
        (["ssl", "tcp"], True, False),
        (["tcp"], False, True),
    ):
        classic = one("aws_elb.a", {"listener": [{"lb_port": 1, "lb_protocol": word} for word in protocols]})
        assert (classic.attributes["tls"], classic.attributes["passes_through"]) == (tls, passes)
    urls = block("google_compute_url_map.r", {"name": "r", "default_url_redirect": [{"https_redirect": True}]})
    proxy = one(
        "google_compute_target_http_proxy.p",
        {"url_map": "https://www.googleapis.com/compute/v1/projects/p/global/urlMaps/x"},
    )
    assert isinstance(proxy.attributes["redirects_to_tls"], Unknown)
    proxy = one("google_compute_target_http_proxy.p", {"url_map": "r"}, urls)
    assert proxy.attributes["redirects_to_tls"] is True


def test_a_secret_without_replicas_stays_where_it_is(one: One, later: Unknown) -> None:
    alone = one("aws_secretsmanager_secret.s", {"name": "s", "replica": later}, references={"name": ["var.name"]})
    assert alone.attributes["replica_regions"] == []
    copied = one("aws_secretsmanager_secret.s", {"name": "s", "replica": [{"region": "us-east-1"}]})
    assert copied.attributes["replica_regions"] == ["us-east-1"]
    assert copied.citations["attributes.replica_regions"].path == ("replica", 0, "region")


@pytest.mark.parametrize(
    ("kind", "values", "public"),
    [
        (
            "aws_eks_cluster",
            {"vpc_config": [{"endpoint_public_access": True, "public_access_cidrs": ["0.0.0.0/0"]}]},
            True,
        ),
        (
            "aws_eks_cluster",
            {"vpc_config": [{"endpoint_public_access": True, "public_access_cidrs": ["10.0.0.0/8"]}]},
            False,
        ),
        ("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": False}]}, False),
        ("google_container_cluster", {"location": "europe-west4"}, True),
        (
            "google_container_cluster",
            {"control_plane_endpoints_config": [{"ip_endpoints_config": [{"enabled": False}]}]},
            False,
        ),
        ("azurerm_kubernetes_cluster", {"location": "westeurope", "public_network_access_enabled": False}, False),
        ("google_container_cluster", {"private_cluster_config": [{"enable_private_nodes": True}]}, True),
        ("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": True}]}, False),
        (
            "google_container_cluster",
            {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "10.0.0.0/8"}]}]},
            False,
        ),
        (
            "google_container_cluster",
            {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "0.0.0.0/0"}]}]},
            True,
        ),
        ("azurerm_kubernetes_cluster", {"private_cluster_enabled": True}, False),
        (
            "azurerm_kubernetes_cluster",
            {"api_server_access_profile": [{"authorized_ip_ranges": ["10.0.0.0/8"]}]},
            False,
        ),
        ("azurerm_kubernetes_cluster", {"private_cluster_enabled": False}, True),
    ],
)
def test_the_endpoint_of_a_cluster(one: One, *, kind: str, values: dict[str, Any], public: bool) -> None:
    assert one(f"{kind}.it", values).attributes["public_endpoint"] is public


def test_the_clusters_of_a_global_cluster_hold_each_others_data(read: Read, block: Block, later: Unknown) -> None:
    member = {"global_cluster_identifier": later, "engine": "aurora-postgresql"}
    written = {"global_cluster_identifier": {"references": ["aws_rds_global_cluster.g.id", "aws_rds_global_cluster.g"]}}
    found = read(
        block("aws_rds_global_cluster.g", {"global_cluster_identifier": "g", "id": later}),
        block("aws_rds_cluster.one", member, expressions=written),
        block("aws_rds_cluster.two", {**member, "region": "us-east-1"}, expressions=written),
    )
    assert found["aws_rds_cluster.one"].attributes["replica_regions"] == ["us-east-1"]
    assert found["aws_rds_cluster.two"].attributes["replica_regions"] == ["eu-west-1"]
    alone = read(block("aws_rds_cluster.one", {"global_cluster_identifier": "elsewhere"}))
    assert isinstance(alone["aws_rds_cluster.one"].attributes["replica_regions"], Unknown)


def test_a_secondary_cluster_of_alloydb_is_a_replica(read: Read, block: Block) -> None:
    found = read(
        block("google_alloydb_cluster.main", {"cluster_id": "main", "name": "main", "location": "europe-west4"}),
        block(
            "google_alloydb_cluster.far",
            {"location": "us-east1", "secondary_config": [{"primary_cluster_name": "main"}]},
        ),
    )
    assert found["google_alloydb_cluster.main"].attributes["replica_regions"] == ["us-east1"]
    assert found["google_alloydb_cluster.far"].attributes["replica_regions"] == []


def test_tables_in_several_places(read: Read, block: Block) -> None:
    found = read(
        block("aws_dynamodb_table.t", {"name": "t", "replica": [{"region_name": "us-east-1"}]}),
        block("google_bigtable_instance.b", {"cluster": [{"zone": "europe-west4-a"}, {"zone": "us-east1-b"}]}),
        block("google_firestore_database.f", {"location_id": "nam5"}),
    )
    assert found["aws_dynamodb_table.t"].attributes["replica_regions"] == ["us-east-1"]
    bigtable = found["google_bigtable_instance.b"]
    assert (bigtable.region, bigtable.attributes["replica_regions"]) == ("europe-west4-a", ["us-east1-b"])
    assert found["google_firestore_database.f"].region == "nam5"


def test_a_spanner_configuration_of_the_customers_own(read: Read, block: Block) -> None:
    config = block(
        "google_spanner_instance_config.c",
        {
            "name": "custom-eur6",
            "base_config": "projects/p/instanceConfigs/eur6",
            "replicas": [{"location": "us-east1"}],
        },
    )
    found = read(config, block("google_spanner_instance.s", {"name": "s", "config": "custom-eur6"}))
    spanner = found["google_spanner_instance.s"]
    assert (spanner.region, spanner.attributes["replica_regions"]) == ("eur6", ["us-east1"])
    alone = read(block("google_spanner_instance.s", {"name": "s", "config": "regional-europe-west4"}))
    assert alone["google_spanner_instance.s"].attributes["replica_regions"] == []
