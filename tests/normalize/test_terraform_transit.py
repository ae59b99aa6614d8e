"""Encryption on the way: TLS versions, client certificates and clear text, as Terraform plans them."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown, UnknownRead
from scanner.normalize._tls_versions import version

One = Callable[..., Resource]
Block = Callable[..., Document]

LISTENER = {"port": 443, "protocol": "HTTPS", "default_action": [{"type": "forward"}]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.2", "1.2"),
        ("TLS1_0", "1.0"),
        ("TLS_1_1", "1.1"),
        ("TLS12", "1.2"),
        ("Tls", "1.0"),
        ("TLSv1", "1.0"),
        ("TLSv1_2016", "1.0"),
        ("TLSv1.2_2021", "1.2"),
        ("TLSv1_3", "1.3"),
        ("SSLv3", "1.0"),
        ("ELBSecurityPolicy-2016-08", "1.0"),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", "1.2"),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", "1.3"),
        ("Policy-Min-TLS-1-0-2019-07", "1.0"),
        ("AppGwSslPolicy20170401", "1.1"),
        ("SecurityPolicy_TLS13_1_2_2021_06", "1.2"),
    ],
)
def test_every_cloud_spells_a_version_in_its_own_way(written: str, meant: str) -> None:
    assert version(written, "ssl_policy") == meant


@pytest.mark.parametrize("written", ["", "house-policy", "ELBSecurityPolicy-Next", "0.2", "1.2.3"])
def test_a_policy_nobody_has_heard_of_is_unknown(written: str) -> None:
    with pytest.raises(UnknownRead):
        version(written, "ssl_policy")


def test_a_version_may_be_written_as_a_number(one: One) -> None:
    old = one("azurerm_app_service.web", {"name": "web", "site_config": [{"min_tls_version": 1.1}]})
    assert old.attributes["minimum_tls"] == "1.1"
    assert (
        one("azurerm_eventhub_namespace.e", {"name": "e", "minimum_tls_version": 1}).attributes["minimum_tls"] == "1.0"
    )
    entry = {"name": "web", "http_listener": [{"name": "a", "protocol": "Https"}], "ssl_policy": [{"policy_name": 20}]}
    assert isinstance(one("azurerm_application_gateway.web", entry).attributes["minimum_tls"], Unknown)


def test_a_listener_without_a_policy_gets_the_oldest_one(one: One) -> None:
    assert one("aws_lb_listener.web", LISTENER).attributes["minimum_tls"] == "1.0"
    mine = {**LISTENER, "ssl_policy": "house-policy"}
    assert isinstance(one("aws_lb_listener.web", mine).attributes["minimum_tls"], Unknown)


def gateway(**more: Any) -> dict[str, Any]:
    return {"name": "web", "http_listener": [{"name": "tls", "protocol": "Https"}], **more}


PLAIN = {"name": "plain", "protocol": "Http"}
TO_TLS = {
    "http_listener": [{"name": "tls", "protocol": "Https"}, PLAIN],
    "request_routing_rule": [{"http_listener_name": "plain", "redirect_configuration_name": "up"}],
    "redirect_configuration": [{"name": "up", "target_listener_name": "tls"}],
}


def test_a_plain_listener_of_an_application_gateway_counts_unless_it_redirects(one: One) -> None:
    kind = "azurerm_application_gateway.web"
    assert one(kind, gateway()).attributes["tls"] is True
    assert one(kind, gateway(http_listener=[PLAIN])).attributes["tls"] is False
    assert one(kind, gateway(**TO_TLS)).attributes["tls"] is True
    to_plain = {**TO_TLS, "redirect_configuration": [{"name": "up", "target_listener_name": "plain"}]}
    assert one(kind, gateway(**to_plain)).attributes["tls"] is False
    elsewhere = {**TO_TLS, "redirect_configuration": [{"name": "up", "target_url": "https://acme.example"}]}
    assert one(kind, gateway(**elsewhere)).attributes["tls"] is True


def test_every_listener_of_a_gateway_has_to_verify_clients(one: One) -> None:
    profiles = [{"name": "mutual", "trusted_client_certificate_names": ["partners"]}]
    mutual = {"name": "partners", "protocol": "Https", "ssl_profile_name": "mutual"}
    both = gateway(ssl_profile=profiles, http_listener=[mutual, {"name": "tls", "protocol": "Https"}])
    kind = "azurerm_application_gateway.web"
    assert one(kind, both).attributes["client_certificate_required"] is False
    assert one(kind, gateway(ssl_profile=profiles, http_listener=[mutual])).attributes["client_certificate_required"]


def test_a_distribution_without_its_blocks_is_not_judged(one: One) -> None:
    found = one("aws_cloudfront_distribution.web", {"enabled": True}).attributes
    assert isinstance(found["tls_required"], Unknown)
    assert isinstance(found["minimum_tls"], Unknown)


def test_a_database_without_a_parameter_group_leaves_the_version_to_aws(one: One) -> None:
    assert one("aws_rds_cluster.web", {"cluster_identifier": "web"}).attributes["minimum_tls"] == ""


def test_efs_is_refused_in_the_clear_by_its_policy_alone(one: One, block: Block) -> None:
    denied = (
        '{"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:*",'
        ' "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}'
    )
    policy = block("aws_efs_file_system_policy.web", {"file_system_id": "fs-1", "policy": denied})
    found = one("aws_efs_file_system.web", {"id": "fs-1", "encrypted": True}, policy)
    assert found.attributes["tls_required"] is True
    assert found.citations["attributes.tls_required"].origin.address == "aws_efs_file_system_policy.web"


def test_a_network_may_ask_for_what_its_service_does_not(one: One, block: Block) -> None:
    service = block("aws_vpclattice_service.s", {"name": "s", "id": "svc-1", "auth_type": "NONE"})
    listener = {"name": "l", "protocol": "HTTPS", "service_identifier": "svc-1"}
    joined = {"service_identifier": "svc-1", "service_network_identifier": "sn-1"}
    join = block("aws_vpclattice_service_network_service_association.j", joined)
    kind, asked = "aws_vpclattice_listener.l", "client_identity_required"
    assert one(kind, listener, service).attributes[asked] is False
    for auth_type, expected in (("AWS_IAM", True), ("NONE", False)):
        network = block("aws_vpclattice_service_network.n", {"name": "n", "id": "sn-1", "auth_type": auth_type})
        assert one(kind, listener, service, join, network).attributes[asked] is expected
    assert isinstance(one(kind, listener, service, join).attributes[asked], Unknown)


def test_a_group_elsewhere_may_be_serverless(one: One) -> None:
    kind = "google_compute_backend_service.web"
    here = "https://www.googleapis.com/compute/v1/projects/acme/zones/europe-west1-b"
    groups = {"networkEndpointGroups": Unknown, "instanceGroups": bool}
    for collection, expected in groups.items():
        found = one(kind, {"name": "web", "backend": [{"group": f"{here}/{collection}/x"}]})
        assert isinstance(found.attributes["passes_through"], expected)


def test_how_data_jobs_connect(one: One) -> None:
    def tls(kind: str, **values: Any) -> Any:
        return one(f"{kind}.c", {"name": "c", **values}).attributes["tls"]

    assert (
        tls("aws_dms_endpoint", engine_name="redis", redis_settings=[{"ssl_security_protocol": "plaintext"}]) is False
    )
    assert tls("aws_dms_endpoint", engine_name="redshift") is True
    assert tls("aws_dms_endpoint", engine_name="kafka", kafka_settings=[{"broker": "b:9092"}]) is False
    assert tls("aws_dms_endpoint", engine_name="kafka", kafka_settings=[{"security_protocol": "sasl-ssl"}]) is True
    assert (
        tls("aws_dms_endpoint", engine_name="opensearch", elasticsearch_settings=[{"endpoint_uri": "http://s"}])
        is False
    )
    assert isinstance(tls("aws_dms_endpoint", engine_name="timestream"), Unknown)
    assert tls("aws_glue_connection", connection_type="KAFKA", connection_properties={}) is True
    assert tls("aws_glue_connection", connection_type="NETWORK") is True
    tunnel = {"forward_ssh_connectivity": [{"hostname": "bastion"}], "mysql_profile": [{"ssl_config": []}]}
    assert tls("google_datastream_connection_profile", **tunnel) is True
    assert isinstance(tls("google_datastream_connection_profile", postgresql_profile=[{"hostname": "h"}]), Unknown)
    linked = "azurerm_data_factory_linked_service"
    assert isinstance(tls(f"{linked}_sql_server", connection_string="Data Source=x"), Unknown)
    assert tls(f"{linked}_azure_sql_database", connection_string="Data Source=x") is True
