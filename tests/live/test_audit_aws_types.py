"""What each type of thing is understood as, made through the API of a stand-in and read back by the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scanner import load, policy
from scanner.model import Resource
from scanner.scan import Request, scan
from tests.live.test_audit_aws import ROOT, bucket, client, seen

Found = Mapping[str, Resource]


def attributes(one: Resource, *names: str) -> list[Any]:
    return [one.attributes[name] for name in names]


@pytest.fixture(autouse=True)
def _loopback(aws: str) -> None:
    """Every test has an account of its own."""


def database(name: str, engine: str, version: str, **more: Any) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine=engine,
        EngineVersion=version,
        DBInstanceClass="db.m5.large",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="quartz-Meadow-93",
        **more,
    )


def test_databases() -> None:
    rds, key = client("rds"), client("kms").create_key()["KeyMetadata"]["Arn"]
    rds.create_db_parameter_group(
        DBParameterGroupName="lax-group", DBParameterGroupFamily="postgres16", Description="x"
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName="lax-group",
        Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
    )
    database("strict", "postgres", "16.4", StorageEncrypted=True, KmsKeyId=key)
    database("lax", "postgres", "16.4", DBParameterGroupName="lax-group", PubliclyAccessible=True)
    database("old", "mysql", "8.0.35")
    found, _ = seen()
    names = ("engine", "tls_required", "public", "encryption", "replica_regions", "backup_regions")
    assert attributes(found["strict"], *names) == ["postgres", True, False, "customer", [], []]
    assert attributes(found["lax"], *names) == ["postgres", False, True, "none", [], []]
    assert attributes(found["old"], "engine", "tls_required") == ["mysql", False]


def test_a_cluster_over_several_zones_is_no_aurora() -> None:
    for name, engine in (("zones", "postgres"), ("aurora", "aurora-postgresql")):
        client("rds").create_db_cluster(
            DBClusterIdentifier=name,
            Engine=engine,
            EngineVersion="16.4",
            MasterUsername="owner",
            MasterUserPassword="quartz-Meadow-93",
        )
    found, _ = seen()
    assert [found[name].attributes["tls_required"] for name in ("zones", "aurora")] == [True, False]


def test_a_cluster_is_as_public_as_its_servers_which_are_not_judged_twice() -> None:
    rds = client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="owner", MasterUserPassword="quartz-93"
    )
    rds.create_db_instance(
        DBInstanceIdentifier="ledger-1",
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        DBInstanceClass="db.r6g.large",
        PubliclyAccessible=True,
    )
    found, _ = seen()
    assert found["ledger"].type == "database.instance"
    assert found["ledger"].attributes["public"] is True
    assert found["ledger-1"].type == "other"


def test_caches() -> None:
    cache = client("elasticache")
    for name, more in (
        ("clear", {}),
        ("preferred", {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}),
        ("strict", {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}),
    ):
        cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="x",
            Engine="redis",
            CacheNodeType="cache.m5.large",
            **more,
        )
    client("memorydb").create_cluster(ClusterName="memory", NodeType="db.r6g.large", ACLName="open-access")
    found, _ = seen()
    assert [found[name].attributes["tls_required"] for name in ("clear", "preferred", "strict")] == [False, False, True]
    assert found["memory"].type == "cache.instance"
    assert found["memory"].attributes["tls_required"] is True


def test_brokers() -> None:
    kafka = client("kafka")
    nodes = {"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"}
    for name, more in (
        ("clear", {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": False}}}),
        ("mutual", {"ClientAuthentication": {"Tls": {"CertificateAuthorityArnList": ["arn:aws:acm-pca:x"]}}}),
    ):
        kafka.create_cluster(
            ClusterName=name, KafkaVersion="3.6.0", NumberOfBrokerNodes=2, BrokerNodeGroupInfo=nodes, **more
        )
    found, _ = seen()
    names = ("tls_required", "client_certificate_required", "tls_between_nodes")
    assert attributes(found["clear"], *names) == [False, False, False]
    assert attributes(found["mutual"], *names) == [True, True, True]


def test_images_are_copied_where_the_registry_says() -> None:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="scorer")
    rule = {"destinations": [{"region": "us-east-1", "registryId": "123456789012"}]}
    ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})
    found, _ = seen()
    assert found["scorer"].attributes["replica_regions"] == ["us-east-1"]


def test_a_registry_copies_the_repositories_that_its_rules_choose() -> None:
    ecr = client("ecr")
    for name in ("public/model", "secret/model"):
        ecr.create_repository(repositoryName=name)
    rule = {
        "destinations": [{"region": "us-east-1", "registryId": "123456789012"}],
        "repositoryFilters": [{"filter": "public/", "filterType": "PREFIX_MATCH"}],
    }
    ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})
    found, _ = seen()
    copies = [found[name].attributes["replica_regions"] for name in ("public/model", "secret/model")]
    assert copies == [["us-east-1"], []]


def test_secrets_have_copies_keys_and_schedules() -> None:
    client("secretsmanager").create_secret(
        Name="feed", SecretString="quartz", AddReplicaRegions=[{"Region": "us-east-1"}]
    )
    found, _ = seen()
    names = ("replica_regions", "encryption", "renewed")
    assert attributes(found["feed"], *names) == [["us-east-1"], "provider", False]


def test_a_key_that_is_replicated_flows_to_where_its_replicas_are() -> None:
    key, _ = (client("kms").create_key(MultiRegion=True)["KeyMetadata"]["KeyId"] for _ in range(2))
    client("kms").replicate_key(KeyId=key, ReplicaRegion="us-east-1")
    settings = policy.Settings(only=("replica-outside-jurisdiction",))
    options = load.Options(ROOT, audit=load.Audit("aws", ("eu-west-1",)))
    result = scan(Request(("aws",), tuple(policy.packs(policy.shipped())), options, settings))
    assert [finding.resource_uid.rpartition("/")[2] for finding in result.findings] == [key]
    assert "us-east-1" in result.findings[0].message


def test_doors() -> None:
    ec2 = client("ec2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
    elb = client("elbv2")
    arn = elb.create_load_balancer(Name="scoring", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(
        Name="scoring", Protocol="HTTP", Port=80, VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    )
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    for port, action in ((80, redirect), (8080, forward)):
        elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=port, DefaultActions=[action])
    client("elb").create_load_balancer(
        LoadBalancerName="classic",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 9000, "InstancePort": 9000}],
        AvailabilityZones=["eu-west-1a"],
    )
    found, _ = seen()
    names = ("tls", "passes_through", "redirects_to_tls")
    assert attributes(found["scoring:80"], *names) == [False, False, True]
    assert attributes(found["scoring:8080"], *names) == [False, False, False]
    assert attributes(found["classic"], *names) == [False, True, False]


def test_volumes_are_encrypted_by_whose_key_it_is() -> None:
    ec2, key = client("ec2"), client("kms").create_key()["KeyMetadata"]["Arn"]

    def volume(**more: Any) -> str:
        made = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, **more)
        return str(made["VolumeId"])

    bare, own, amazons = volume(), volume(Encrypted=True, KmsKeyId=key), volume(Encrypted=True)
    found, _ = seen()
    assert [found[name].attributes["encryption"] for name in (bare, own, amazons)] == ["none", "customer", "provider"]


def endpoint_config(name: str) -> None:
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.g4dn.xlarge", "InitialInstanceCount": 2}
    client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def endpoint(name: str, config: str) -> None:
    client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=config)


def test_endpoints() -> None:
    container = {"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r"}
    client("sagemaker").create_model(**container, PrimaryContainer={"Image": "i"})
    endpoint_config("ranker-config")
    endpoint("ranker", "ranker-config")
    found, _ = seen()
    names = ("machine_type", "minimum", "maximum", "log_regions")
    assert attributes(found["ranker-config"], *names) == ["ml.g4dn.xlarge", 2, 2, []]
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/ranker/variant/v",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=9,
    )
    endpoint("ranker-canary", "ranker-config")
    endpoint_config("ranker-config-of-last-week")
    found, _ = seen()
    assert attributes(found["ranker-config"], *names[:3]) == ["ml.g4dn.xlarge", 3, 11]
    assert attributes(found["ranker-config-of-last-week"], *names[:3]) == ["", 0, 0]


def tagged_queue(name: str) -> None:
    client("sqs").create_queue(QueueName=name, tags={"team": "fraud"})


def tagged_topic(name: str) -> None:
    client("sns").create_topic(Name=name, Tags=[{"Key": "team", "Value": "fraud"}])


def tagged_group(name: str) -> None:
    client("logs").create_log_group(logGroupName=name, tags={"team": "fraud"})


def tagged_table(name: str) -> None:
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": "fraud"}],
    )


def tagged_files(name: str) -> None:
    client("efs").create_file_system(CreationToken=name, Tags=[{"Key": "team", "Value": "fraud"}])


@pytest.mark.parametrize("make", [tagged_queue, tagged_topic, tagged_group, tagged_table, tagged_files])
def test_tags_have_one_shape_whatever_the_service_calls_their_parts(make: Callable[[str], None]) -> None:
    make("orders")
    found, _ = seen()
    [one] = [one for one in found.values() if one.tags == {"team": "fraud"}]
    assert one.region == "eu-west-1"
    assert one.origin.address.startswith("arn:aws:")


def test_what_aws_makes_for_itself_is_no_thing_of_the_account() -> None:
    bucket("models")
    client("ec2").create_volume(AvailabilityZone="eu-west-1a", Size=1, Encrypted=True)  # makes a key of AWS's own
    found, _ = seen()
    assert {one.native_type for one in found.values()} == {"AWS::S3::Bucket", "AWS::EC2::Volume"}
