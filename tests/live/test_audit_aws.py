"""`govscan audit aws` against a stand-in on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from scanner import load
from scanner.load._aws.account import Account
from scanner.load._aws.table import table
from scanner.model import Ledger, Unknown
from scanner.normalize import inventory
from tests.live.conftest import ask, told

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "plum-Harbor-71-lantern"


def client(service: str, region: str = "eu-west-1") -> Any:
    return boto3.client(service, region_name=region)


def bucket(name: str, region: str = "eu-west-1") -> None:
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client("s3", region).create_bucket(Bucket=name, **place)


def audit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner", "audit", "aws", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def seen(*regions: str) -> tuple[dict[str, Any], Ledger]:
    """Every thing of the account by its name."""
    ledger = Ledger()
    options = load.Options(ROOT, audit=load.Audit("aws", regions))
    found = [inventory(partition, ledger) for partition in load.partitions(("aws",), options, ledger)]
    return {one.name: one for part in found for one in part}, ledger


@pytest.fixture(autouse=True)
def _loopback(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_only_what_lists_describes_or_gets_is_ever_called() -> None:
    asked = [one.call for one in table().settings.values()]
    asked += [name for kind in table().types.values() for name in (kind.operation, *kind.details)]
    assert len(asked) > 50
    assert [name for name in asked if not name.startswith(("List", "Describe", "Get"))] == []


def test_every_operation_and_every_page_of_the_table_exists_in_the_sdk() -> None:
    """With the arguments that it takes, and the shape of answer that the paths lead into."""
    from botocore import loaders, model  # noqa: PLC0415  # only here

    loader = loaders.Loader()
    for kind in table().types.values():
        service = model.ServiceModel(loader.load_service_model(kind.service, "service-2"), kind.service)
        for name, params in [(kind.operation, kind.params), *((key, one.params) for key, one in kind.details.items())]:
            shape = service.operation_model(name).input_shape
            assert params.keys() <= shape.members.keys()
            assert set(shape.required_members) <= params.keys()


def test_a_bucket_is_judged_by_all_that_belongs_to_it() -> None:
    bucket("models")
    s3, key = client("s3"), client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="models", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="models", Tagging={"TagSet": [{"Key": "team", "Value": "fraud"}]})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = {"Statement": [{**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
    s3.put_bucket_policy(Bucket="models", Policy=json.dumps(policy))
    found, ledger = seen()
    assert told(ledger.problems) == []
    one = found["models"]
    assert (one.type, one.native_type, one.region, one.tags) == (
        "storage.bucket",
        "AWS::S3::Bucket",
        "eu-west-1",
        {"team": "fraud"},
    )
    assert one.attributes == {
        "tls_required": True,
        "minimum_tls": "1.2",
        "public": False,
        "encryption": "customer",
        "versioned": True,
        "replica_regions": [],
        "key_region": "",
    }
    assert one.origin.uri == "aws://123456789012/eu-west-1"
    assert one.origin.address == "arn:aws:s3:::models"


def test_a_block_in_front_of_a_public_bucket_counts_also_that_of_the_account() -> None:
    everybody = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    for name in ("open", "blocked"):
        bucket(name)
        client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(everybody))
    client("s3").put_public_access_block(
        Bucket="blocked", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    found, _ = seen()
    assert [found[name].attributes["public"] for name in ("open", "blocked")] == [True, False]
    control = client("s3control")
    control.meta.events.register(
        "before-send.s3-control",
        lambda request, **_: setattr(request, "url", request.url.replace("123456789012.", "")),
    )
    control.put_public_access_block(
        AccountId="123456789012", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    found, _ = seen()
    assert found["open"].attributes["public"] is False


def test_a_bucket_without_anything_is_not_unknown() -> None:
    bucket("bare")
    found, _ = seen()
    assert not any(isinstance(value, Unknown) for value in found["bare"].attributes.values())
    assert found["bare"].attributes["encryption"] == "provider"
    assert found["bare"].tags == {}


def test_regions_are_partitions_and_what_lies_in_others_is_said() -> None:
    bucket("here")
    bucket("there", "us-east-1")
    found, ledger = seen()
    assert {"here"} == {one.name for one in found.values() if one.type == "storage.bucket"}
    left_out = [one.message for one in ledger.problems if not one.incomplete]
    assert any("1 bucket(s) of us-east-1 were not looked at, such as there" in message for message in left_out)
    assert any("types of things were looked at, of the services" in message for message in left_out)
    found, ledger = seen("eu-west-1", "us-east-1")
    assert found["there"].region == "us-east-1"
    found, ledger = seen("all")
    assert {"here", "there"} <= found.keys()
    assert not any("bucket(s)" in one.message for one in ledger.problems)


def test_replication_leads_to_the_region_of_the_other_bucket() -> None:
    for name, region in (("source", "eu-west-1"), ("copy", "us-east-1")):
        bucket(name, region)
        client("s3", region).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copy"}}
    settings = {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [rule]}
    client("s3").put_bucket_replication(Bucket="source", ReplicationConfiguration=settings)
    found, _ = seen()
    assert found["source"].attributes["replica_regions"] == ["us-east-1"]


def test_a_group_counts_its_machines_and_they_do_not_count_again() -> None:
    ec2 = client("ec2")
    ec2.create_launch_template(
        LaunchTemplateName="gpu-nodes", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "g5.2xlarge"}
    )
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="triton",
        LaunchTemplate={"LaunchTemplateName": "gpu-nodes", "Version": "$Latest"},
        MinSize=1,
        MaxSize=6,
        AvailabilityZones=["eu-west-1a"],
        Tags=[{"Key": "team", "Value": "fraud", "PropagateAtLaunch": True}],
    )
    alone = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="p4d.24xlarge")
    gone = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[gone])
    found, _ = seen()
    groups = [one for one in found.values() if one.type == "compute.instance_group"]
    machines = {one.name: one.attributes["maximum"] for one in found.values() if one.type == "compute.instance"}
    assert [(one.attributes["machine_type"], one.attributes["maximum"]) for one in groups] == [("g5.2xlarge", 6)]
    assert groups[0].attributes["machine_tags"] == {"team": "fraud"}
    assert sorted(machines.values()) == [0, 1]
    assert machines[alone["Instances"][0]["InstanceId"]] == 1
    assert gone not in machines


def function(**variables: str) -> None:
    iam = client("iam").create_role(RoleName="f", AssumeRolePolicyDocument="{}")
    client("lambda").create_function(
        FunctionName="scorer",
        Runtime="python3.12",
        Role=iam["Role"]["Arn"],
        Handler="a.b",
        Code={"ZipFile": b"0"},
        Environment={"Variables": variables},
    )


def test_secrets_that_run_in_the_clear_are_told_and_shown_in_no_report(tmp_path: Path) -> None:
    function(DB_PASSWORD=PASSWORD, LOG_LEVEL="debug")
    script = f"#!/bin/sh\nexport DB_PASSWORD={PASSWORD}\n"
    client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, UserData=script)
    done = audit(tmp_path, "--report", "a.json", "--report", "a.sarif", "--report", "a.html", "--report", "a.txt")
    assert done.returncode == 1, done.stderr
    texts = [done.stdout, done.stderr, *((tmp_path / name).read_text() for name in ("a.json", "a.sarif", "a.html"))]
    assert not any(PASSWORD in text for text in texts)
    assert "ListFunctions.Environment.Variables.DB_PASSWORD stands in the clear in what runs" in texts[2]
    assert "UserData stands in the clear in what runs" in texts[2]
    assert "scorer keeps secrets in variables of its environment: DB_PASSWORD" in done.stdout


def test_findings_point_at_the_account_and_the_arn(tmp_path: Path) -> None:
    bucket("untagged")
    done = audit(tmp_path, "--policy", "missing-cost-tags", "--report", "a.sarif")
    assert done.returncode == 1, done.stderr
    [result] = json.loads((tmp_path / "a.sarif").read_text())["runs"][0]["results"]
    [place] = result["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "aws://123456789012/eu-west-1"}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "arn:aws:s3:::untagged"


def test_the_same_account_gives_the_same_bytes(tmp_path: Path) -> None:
    for number in range(30):
        bucket(f"bucket-{number}")
        client("sqs").create_queue(QueueName=f"q{number}")
    first, second = (audit(tmp_path, "--report", "json=-").stdout for _ in range(2))
    assert len(json.loads(first)["resources"]) > 50
    assert first == second


def test_more_than_a_page_is_read_whole() -> None:
    for number in range(120):
        client("dynamodb").create_table(
            TableName=f"t{number}",
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    found, _ = seen()
    assert sum(one.type == "database.table" for one in found.values()) == 120


def forbid(endpoint: str, monkeypatch: pytest.MonkeyPatch, *actions: str) -> None:
    """From now on, ask as somebody who may not do some things."""
    iam = client("iam")
    iam.create_user(UserName="auditor")
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(actions), "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="auditor", PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName="auditor")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    ask(f"{endpoint}/moto-api/reset-auth", b"0")


@pytest.fixture
def auth(aws: str) -> Any:
    yield aws
    ask(f"{aws}/moto-api/reset-auth", b"inf")


def test_what_is_denied_is_unknown_and_says_what_to_grant(
    auth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        bucket(name)
    forbid(auth, monkeypatch, "s3:GetBucketPolicy", "sqs:ListQueues")
    found, ledger = seen()
    value = found["one"].attributes["tls_required"]
    assert isinstance(value, Unknown)
    assert value.reason == "access denied: s3:GetBucketPolicy"
    assert found["one"].attributes["versioned"] is False
    assert {"access denied: s3:GetBucketPolicy (2 times)", "access denied: sqs:ListQueues"} <= set(
        told(ledger.problems)
    )
    assert any("Grant s3:GetBucketPolicy" in problem.hint for problem in ledger.problems)
    done = audit(tmp_path, "--policy", "plaintext-bucket-access")
    assert done.returncode == 4
    assert "access denied: s3:GetBucketPolicy" in done.stdout


def test_without_a_sign_in_or_a_region_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    done = audit(tmp_path)
    assert (done.returncode, "--region eu-west-1" in done.stderr) == (2, True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    done = audit(tmp_path, "--region", "eu-west-1")
    assert (done.returncode, "aws sts get-caller-identity" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_an_empty_account_is_nothing_to_scan(tmp_path: Path) -> None:
    done = audit(tmp_path, "--region", "eu-central-2", "--pack", "mtls")
    assert done.returncode in {3, 4}, done.stdout


def test_a_region_that_is_none_is_said(tmp_path: Path) -> None:
    done = audit(tmp_path, "--region", "europe")
    assert (done.returncode, "'europe' is no region of AWS" in done.stderr) == (2, True)


def test_what_is_deleted_while_the_account_is_read_is_told_and_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    sqs, elb = client("sqs"), client("elbv2")
    kept, gone = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("kept", "gone"))
    subnets = [one["SubnetId"] for one in client("ec2").describe_subnets()["Subnets"]][:2]
    balancer = elb.create_load_balancer(Name="gone", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answered = Account.call

    def call_and_delete(self: Account, service: str, region: str, operation: str, *rest: Any) -> Any:
        answer = answered(self, service, region, operation, *rest)
        if operation == "ListQueues":
            sqs.delete_queue(QueueUrl=gone)
        if (service, operation) == ("elbv2", "DescribeLoadBalancers"):
            elb.delete_load_balancer(LoadBalancerArn=balancer)
        return answer

    monkeypatch.setattr(Account, "call", call_and_delete)
    found, ledger = seen()
    assert [one.name for one in found.values() if one.native_type == "AWS::SQS::Queue"] == [kept.rpartition("/")[2]]
    assert told(ledger.problems) == []  # nor that listeners of a balancer were asked for in vain
    said = "1 of AWS::SQS::Queue were deleted while the account was read, or made only then"
    assert said in [one.message for one in ledger.problems]
