"""What an account lists that no stand-in can make, as the services would answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from scanner import normalize
from scanner.model import Document, Ledger, Origin, Partition, Resource, Unknown

OWN = "123456789012"
WHERE = f"aws://{OWN}/eu-west-1"
GPU = {"InstanceType": "p5.48xlarge"}


def thing(kind: str, name: str, operation: str, entry: Mapping[str, Any], **answers: Any) -> Document:
    """One thing as the loader tells it."""
    arn = f"arn:aws:x:eu-west-1:{OWN}:{kind.rpartition('::')[2]}/{name}"
    known = {"type": kind, "arn": arn, "name": name, "account": OWN, "region": "eu-west-1"}
    return Document("aws", {**known, operation: {**entry}, "tags": {}, **answers}, Origin(WHERE, "aws", (), arn))


def account(*things: Document, unlisted: Mapping[str, Unknown] | None = None, **settings: Any) -> dict[str, Resource]:
    """What is made of an account that has these, by name."""
    body = {"type": "AWS::Account", "settings": settings, "unlisted": unlisted or {}, "buckets": {}}
    ledger = Ledger()
    whole = Document("aws", body, Origin(WHERE, "aws", (), "root"))
    found = normalize.inventory(Partition(WHERE, (whole, *things)), ledger)
    assert ledger.problems == []
    return {one.name: one for one in found}


def reservation(name: str, **more: Any) -> Document:
    entry = {**GPU, "TotalInstanceCount": 2, "State": "active", "EndDateType": "unlimited", "OwnerId": OWN, **more}
    return thing("AWS::EC2::CapacityReservation", name, "DescribeCapacityReservations", entry)


def test_a_reservation_that_another_account_shares_is_not_the_accounts_own() -> None:
    found = account(reservation("own"), reservation("shared", OwnerId="999988887777"))
    assert {name: one.attributes["maximum"] for name, one in found.items()} == {"own": 2}


@pytest.mark.parametrize("state", ["payment-failed", "unsupported", "unavailable", "cancelling", "failed", "expired"])
def test_a_reservation_that_reserves_nothing_is_none(state: str) -> None:
    assert account(reservation("r", State=state)) == {}


@pytest.mark.parametrize("state", ["active", "scheduled", "payment-pending", "assessing", "delayed", "pending"])
def test_a_reservation_that_holds_or_will_hold_machines_is_one(state: str) -> None:
    assert list(account(reservation("r", State=state))) == ["r"]


def group(name: str, tags: Mapping[str, str] | None = None, **more: Any) -> Document:
    named = {"LaunchTemplateName": "nodes", "Version": "1"}
    entry = {"LaunchTemplate": named, "MinSize": 1, "MaxSize": 4, "Tags": [], **more}
    return thing("AWS::AutoScaling::AutoScalingGroup", name, "DescribeAutoScalingGroups", entry, tags=tags or {})


def template(name: str, tags: Mapping[str, str] | None = None) -> Document:
    versions = [{"VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": GPU}]
    answers = {"DescribeLaunchTemplateVersions": versions, "tags": tags or {}}
    return thing("AWS::EC2::LaunchTemplate", name, "DescribeLaunchTemplates", {}, **answers)


def pool(name: str, group_name: str) -> Document:
    told = {
        "instanceTypes": ["g5.xlarge"],
        "scalingConfig": {"minSize": 1, "maxSize": 4},
        "resources": {"autoScalingGroups": [{"name": group_name}]},
    }
    return thing("AWS::EKS::Nodegroup", name, "ListNodegroups", {}, DescribeNodegroup=told)


def test_what_eks_makes_for_a_node_group_is_no_thing_of_its_own() -> None:
    tags = {"eks:nodegroup-name": "gpu", "eks:cluster-name": "ml"}
    found = account(pool("gpu", "eks-gpu-4f9b"), group("eks-gpu-4f9b", tags), template("eks-4f9b", tags))
    assert list(found) == ["gpu"]
    kept = account(group("eks-gpu-4f9b", tags), template("nodes", tags), template("other", {"team": "ml"}))
    assert kept["eks-gpu-4f9b"].attributes["maximum"] == 4
    assert {"nodes", "other"} <= kept.keys()
    denied = {"AWS::EKS::Nodegroup": Unknown("access denied: eks:ListNodegroups")}
    assert "eks-gpu-4f9b" in account(group("eks-gpu-4f9b", tags), template("nodes"), unlisted=denied)


def environment(kind: str = "MANAGED") -> Document:
    resources = {"type": "EC2", "minvCpus": 0, "maxvCpus": 96, "instanceTypes": ["p4d.24xlarge"]}
    entry = {"type": kind, "computeResources": resources}
    return thing("AWS::Batch::ComputeEnvironment", "training", "DescribeComputeEnvironments", entry)


def instance(name: str, tags: Mapping[str, str]) -> Document:
    entry = {**GPU, "State": {"Name": "running"}}
    return thing("AWS::EC2::Instance", name, "DescribeInstances", entry, tags=tags)


def test_what_batch_makes_for_an_environment_is_counted_by_the_environment() -> None:
    tags = {"AWSBatchServiceTag": "batch"}
    made = (group("AWSBatch-training-asg-4f9b", tags), template("Batch-lt-4f9b", tags), instance("i-1", tags))
    found = account(environment(), *made)
    assert {name: one.attributes["maximum"] for name, one in found.items()} == {"training": 1, "i-1": 0}
    strange = account(environment("UNMANAGED"), *made, template("nodes"))
    assert strange["i-1"].attributes["maximum"] == 1
    assert strange["AWSBatch-training-asg-4f9b"].attributes["maximum"] == 4


def test_a_group_may_name_a_reservation_itself() -> None:
    target = {"CapacityReservationTarget": {"CapacityReservationIds": ["cr-1"]}}
    named = group("named", CapacityReservationSpecification=target)
    default = group("default", CapacityReservationSpecification={"CapacityReservationPreference": "default"})
    found = account(named, default, template("nodes"))
    assert [found[name].attributes["reserved"] for name in ("named", "default")] == [True, False]


@pytest.mark.parametrize(("ranges", "public"), [(None, True), ([], True), (["10.0.0.0/8"], False)])
def test_a_cluster_that_names_no_addresses_is_open_to_all(ranges: Any, *, public: bool) -> None:
    network = {"endpointPublicAccess": True, "publicAccessCidrs": ranges}
    cluster = thing("AWS::EKS::Cluster", "c", "ListClusters", {}, DescribeCluster={"resourcesVpcConfig": network})
    assert account(cluster)["c"].attributes["public_endpoint"] is public


def test_a_cache_of_several_regions_is_copied_to_the_others() -> None:
    regions = [{"Region": name} for name in ("eu-west-1", "us-east-1")]
    answers = {"DescribeMultiRegionClusters": regions}
    member = thing("AWS::MemoryDB::Cluster", "m", "DescribeClusters", {"MultiRegionClusterName": "x-m"}, **answers)
    alone = thing("AWS::MemoryDB::Cluster", "alone", "DescribeClusters", {})
    found = account(member, alone)
    assert [found[name].attributes["replica_regions"] for name in ("m", "alone")] == [["us-east-1"], []]


def test_a_global_table_that_does_not_name_its_replicas_is_not_without_copies() -> None:
    old, new = {"GlobalTableVersion": "2017.11.29"}, {"GlobalTableVersion": "2019.11.21"}
    replicas = [{"RegionName": "us-east-1"}]

    def table(name: str, **told: Any) -> Document:
        return thing("AWS::DynamoDB::Table", name, "ListTables", {}, DescribeTable=told)

    found = account(table("old", **old), table("new", **new, Replicas=replicas), table("alone"))
    copies = {name: one.attributes["replica_regions"] for name, one in found.items()}
    assert isinstance(copies.pop("old"), Unknown)
    assert copies == {"new": ["us-east-1"], "alone": []}
