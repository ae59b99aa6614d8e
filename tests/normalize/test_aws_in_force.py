"""What an account tells that does not hold yet, and groups whose machines several templates describe."""

from collections.abc import Mapping
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown
from tests.normalize.test_aws import account, thing


def parameters(kind: str, name: str, operation: str, parameter: str, value: str) -> Document:
    answers = {operation: [{"ParameterName": parameter, "ParameterValue": value}]}
    return thing(kind, name, "DescribeParameterGroups", {}, **answers)


def server(status: str, group: str = "strict") -> Document:
    told = {"Engine": "sqlserver-se", "EngineVersion": "16.00"}
    groups = [{"DBParameterGroupName": group, "ParameterApplyStatus": status}]
    return thing("AWS::RDS::DBInstance", "db", "DescribeDBInstances", {**told, "DBParameterGroups": groups})


FORCED = parameters("AWS::RDS::DBParameterGroup", "strict", "DescribeDBParameters", "rds.force_ssl", "1")


@pytest.mark.parametrize("status", ["pending-reboot", "applying", "failed-to-apply", "pending-database-upgrade"])
def test_parameters_that_wait_for_a_reboot_are_not_in_force(status: str) -> None:
    for one in (server(status), server(status, "default.sqlserver-se-16.0")):
        required = account(one, FORCED)["db"].attributes["tls_required"]
        assert isinstance(required, Unknown)
        assert required.reason.endswith(f"is not in force yet: {status}")
    assert account(server("in-sync"), FORCED)["db"].attributes["tls_required"] is True


def test_a_cluster_is_as_late_as_its_last_server() -> None:
    group = parameters("AWS::RDS::DBClusterParameterGroup", "strict", "DescribeDBClusterParameters", "tls", "enabled")

    def cluster(*statuses: str) -> Any:
        members = [
            {"DBInstanceIdentifier": f"m{number}", "DBClusterParameterGroupStatus": status}
            for number, status in enumerate(statuses)
        ]
        told = {"Engine": "docdb", "EngineVersion": "5.0.0", "DBClusterParameterGroup": "strict"}
        made = thing("AWS::RDS::DBCluster", "db", "DescribeDBClusters", {**told, "DBClusterMembers": members})
        return account(made, group)["db"].attributes["tls_required"]

    assert cluster("in-sync", "in-sync") is True
    assert cluster() is True
    assert isinstance(cluster("in-sync", "pending-reboot"), Unknown)


def test_a_warehouse_says_of_each_parameter_whether_it_is_in_force() -> None:
    kind, operation = "AWS::Redshift::ClusterParameterGroup", "DescribeClusterParameters"
    group = parameters(kind, "strict", operation, "require_ssl", "true")

    def required(whole: str, **each: str) -> Any:
        statuses = [{"ParameterName": name, "ParameterApplyStatus": status} for name, status in each.items()]
        told = {"ParameterGroupName": "strict", "ParameterApplyStatus": whole, "ClusterParameterStatusList": statuses}
        made = thing("AWS::Redshift::Cluster", "db", "DescribeClusters", {"ClusterParameterGroups": [told]})
        return account(made, group)["db"].attributes["tls_required"]

    assert required("in-sync") is True
    assert required("pending-reboot", require_ssl="in-sync", wlm_json_configuration="pending-reboot") is True
    assert isinstance(required("pending-reboot"), Unknown)
    assert isinstance(required("in-sync", require_ssl="apply-deferred"), Unknown)


def test_a_search_domain_is_not_yet_what_it_is_being_changed_to() -> None:
    def domain(**more: Any) -> Resource:
        told = {
            "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
            "NodeToNodeEncryptionOptions": {"Enabled": True},
            **more,
        }
        made = thing("AWS::OpenSearchService::Domain", "search", "ListDomainNames", {}, DescribeDomain=told)
        return account(made)["search"]

    names = ("tls_required", "minimum_tls", "tls_between_nodes")

    def unknown(one: Resource) -> list[str]:
        return [name for name in names if isinstance(one.attributes[name], Unknown)]

    changing: Mapping[str, Any] = {"DomainProcessingStatus": "Modifying", "Processing": True}
    assert unknown(domain()) == []
    assert unknown(domain(DomainProcessingStatus="UpdatingServiceSoftware", Processing=True)) == []
    assert unknown(domain(**changing)) == list(names)
    of_nodes = [{"Name": "NodeToNodeEncryptionOptions", "ActiveValue": "x", "PendingValue": "y"}]
    assert unknown(domain(**changing, ModifyingProperties=of_nodes)) == ["tls_between_nodes"]


def test_a_name_at_the_gateway_that_is_being_changed_is_not_known() -> None:
    def oldest(status: str) -> Any:
        told = {"securityPolicy": "TLS_1_2", "domainNameStatus": status}
        made = thing("AWS::ApiGateway::DomainName", "api.example.com", "GetDomainNames", told)
        return account(made)["api.example.com"].attributes["minimum_tls"]

    assert oldest("AVAILABLE") == "1.2"
    assert isinstance(oldest("UPDATING"), Unknown)


def template(name: str, data: Mapping[str, Any]) -> Document:
    versions = [{"VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": data}]
    made = {"DescribeLaunchTemplateVersions": versions}
    return thing("AWS::EC2::LaunchTemplate", name, "DescribeLaunchTemplates", {}, **made)


def tags(**given: str) -> list[dict[str, Any]]:
    return [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in given.items()]}]


TEMPLATES = (
    template("base", {"InstanceType": "m5.large", "TagSpecifications": tags(team="ml")}),
    template("gpu", {"InstanceType": "p4d.24xlarge", "TagSpecifications": tags(team="ml")}),
    template("odd", {"InstanceType": "g5.xlarge", "TagSpecifications": tags(team="odd")}),
    template("free", {"InstanceRequirements": {"VCpuCount": {"Min": 4}}}),
)


def named(name: str) -> dict[str, Any]:
    return {"LaunchTemplateSpecification": {"LaunchTemplateName": name, "Version": "1"}}


def group(base: str, *overrides: Mapping[str, Any]) -> Resource:
    mixed = {"LaunchTemplate": {**named(base), "Overrides": list(overrides)}}
    entry = {"MixedInstancesPolicy": mixed, "MinSize": 1, "MaxSize": 4, "Tags": []}
    made = thing("AWS::AutoScaling::AutoScalingGroup", "group", "DescribeAutoScalingGroups", entry)
    return account(made, *TEMPLATES)["group"]


def test_a_choice_with_a_template_of_its_own_starts_what_that_says() -> None:
    one = group("base", {"InstanceType": "m5.xlarge"}, named("gpu"))
    assert one.attributes["machine_type"] == "p4d.24xlarge"
    assert one.attributes["alternatives"] == ["m5.xlarge", "p4d.24xlarge"]
    assert one.attributes["machine_tags"] == {"team": "ml"}
    both = group("base", {**named("gpu"), "InstanceType": "p5.48xlarge"})
    assert both.attributes["machine_type"] == "p5.48xlarge"
    assert group("gpu").attributes["machine_type"] == "p4d.24xlarge"
    assert isinstance(group("base", named("nobody")).attributes["machine_type"], Unknown)


def test_templates_that_differ_in_what_they_put_on_machines_tell_nothing_for_all() -> None:
    assert isinstance(group("base", named("base"), named("odd")).attributes["machine_tags"], Unknown)


def test_a_template_that_chooses_by_requirements_leaves_the_type_open() -> None:
    asked = {"InstanceRequirements": {"VCpuCount": {"Min": 4}}}
    for one in (group("free"), group("base", named("free")), group("base", asked)):
        assert isinstance(one.attributes["machine_type"], Unknown)
        assert one.attributes["maximum"] == 4
