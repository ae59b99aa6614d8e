"""What becomes of an audit where an answer, the SDK's settings or the network are not as they should be."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from scanner.model import Unknown
from tests.live.between import Alter, Answer, Asked, between, page, refused
from tests.live.conftest import told
from tests.live.test_audit_aws import ROOT, audit, auth, bucket, client, forbid, function, seen

__all__ = ["auth"]


@pytest.fixture(autouse=True)
def _loopback(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def altered(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """From now on, answers are altered on the way."""
    opened = []

    def begin(alter: Alter) -> None:
        opened.append(between(aws, alter))
        monkeypatch.setenv("AWS_ENDPOINT_URL", opened[-1].__enter__())

    yield begin
    for one in opened:
        one.__exit__(None, None, None)


def test_a_gateway_load_balancer_listens_at_no_port_and_costs_nobody_the_audit() -> None:
    ec2, elb = client("ec2"), client("elbv2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:1]
    arn = elb.create_load_balancer(Name="gate", Type="gateway", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elb.create_target_group(Name="gate", Protocol="GENEVE", Port=6081, VpcId=network)["TargetGroups"][0]
    elb.create_listener(
        LoadBalancerArn=arn, DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    )
    bucket("models")
    found, ledger = seen()
    assert told(ledger.problems) == []
    assert found["models"].type == "storage.bucket"
    listeners = [one for one in found.values() if one.native_type == "AWS::ElasticLoadBalancingV2::Listener"]
    assert [(one.name, one.attributes["passes_through"]) for one in listeners] == [("gate:*", True)]


def test_an_entry_that_lacks_what_it_is_called_by_is_told_and_the_others_are_read(altered: Any) -> None:
    for name in ("kept", "nameless"):
        client("ecr").create_repository(repositoryName=name)
    bucket("models")

    def alter(asked: Asked, answer: Answer) -> Answer:
        if (asked.service, asked.operation) == ("ecr", "DescribeRepositories"):
            told = json.loads(answer.body)
            [one] = [one for one in told["repositories"] if one["repositoryName"] == "nameless"]
            del one["repositoryArn"]
            answer.body = json.dumps(told).encode()
        return answer

    altered(alter)
    found, ledger = seen()
    assert told(ledger.problems) == ["ecr:DescribeRepositories failed: an entry without repositoryArn"]
    assert [one.name for one in found.values() if one.native_type == "AWS::ECR::Repository"] == ["kept"]
    assert "models" in found


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("AWS_PROFILE", "nobody", "ProfileNotFound"),
        ("AWS_CONFIG_FILE", "broken", "ConfigParseError"),
        ("AWS_ENDPOINT_URL", "foo", "ValueError"),
        ("AWS_MAX_ATTEMPTS", "abc", "ValueError"),
        ("AWS_RETRY_MODE", "abc", "InvalidRetryModeError"),
    ],
)
def test_settings_that_the_sdk_cannot_use_are_said(
    variable: str, value: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").write_text("[default\nregion = eu-west-1\n")
    monkeypatch.setenv(variable, str(tmp_path / "broken") if value == "broken" else value)
    done = audit(tmp_path)
    assert (done.returncode, "mistake in govscan" in done.stderr) == (2, False), done.stderr
    assert f"cannot use its settings ({word})" in done.stderr
    assert "~/.aws/config" in done.stderr


def test_settings_of_one_service_cost_only_that_service(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket("models")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "foo")
    found, ledger = seen()
    assert told(ledger.problems) == ["sqs:ListQueues failed: ValueError"]
    assert "models" in found


def without_regions(asked: Asked, answer: Answer) -> Answer:
    """As S3 answered before it told where buckets are."""
    head, _, rest = answer.body.partition(b"<BucketRegion>")
    while rest and asked.service == "s3":
        head, _, rest = (head + rest.partition(b"</BucketRegion>")[2]).partition(b"<BucketRegion>")
    answer.body = head
    return answer


def test_a_bucket_of_which_nobody_says_where_it_is_is_looked_at_once(
    auth: str, altered: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket("models")
    forbid(auth, monkeypatch, "s3:GetBucketLocation")
    altered(without_regions)
    found, ledger = seen("eu-west-1", "us-east-1")
    assert "access denied: s3:GetBucketLocation" in told(ledger.problems)
    assert isinstance(found["models"].region, Unknown)
    assert found["models"].origin.uri == "aws://123456789012/eu-west-1"
    assert found["models"].attributes["encryption"] == "provider"
    done = audit(tmp_path, "--policy", "plaintext-bucket-access")
    assert done.returncode == 1, done.stderr
    assert "access denied: s3:GetBucketLocation" in done.stdout


def test_a_page_in_place_of_answers_is_not_taken_for_an_empty_account(altered: Any, tmp_path: Path) -> None:
    altered(page)
    done = audit(tmp_path)
    assert (done.returncode, "What answers is not AWS" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("asked", ["dynamodb:ListTables", "s3:ListBuckets", "sns:ListTopics", "lambda:ListFunctions"])
def test_a_page_in_place_of_one_answer_is_told(asked: str, altered: Any) -> None:
    """In place of XML it is no answer; in place of JSON it would be one that lists nothing."""
    service, _, operation = asked.partition(":")
    words = {"ListBuckets": "/", "ListFunctions": "/2015-03-31/functions"}
    wanted = (service, words.get(operation, operation))
    altered(lambda asked, answer: page() if (asked.service, asked.operation) == wanted else answer)
    _, ledger = seen()
    assert told(ledger.problems) == [f"{asked} failed: what answers is not AWS"]


def test_variables_that_lambda_keeps_back_are_unknown(altered: Any, tmp_path: Path) -> None:
    function(DB_PASSWORD="plum-Harbor-71-lantern")

    def alter(asked: Asked, answer: Answer) -> Answer:
        if (asked.service, asked.operation) == ("lambda", "/2015-03-31/functions"):
            told = json.loads(answer.body)
            refused = {"ErrorCode": "AccessDeniedException", "Message": "x"}
            told["Functions"][0]["Environment"] = {"Error": refused}
            told["Functions"][0]["ImageConfigResponse"] = {"Error": refused}
            answer.body = json.dumps(told).encode()
        return answer

    altered(alter)
    _, ledger = seen()
    assert told(ledger.problems) == ["access denied: kms:Decrypt (2 times)"]
    words = ("--policy", "secret-in-function-environment", "--policy", "inline-secret", "--report", "json=-")
    done = audit(tmp_path, *words)
    verdicts = {one["policy"]: one["verdict"] for one in json.loads(done.stdout)["findings"]}
    assert verdicts == {"secret-in-function-environment": "unknown", "inline-secret": "unknown"}
    assert done.returncode == 4


def test_a_password_that_is_not_shown_may_have_been_written_down(tmp_path: Path) -> None:
    """Terraform sees it where it is written; the account says no more than that there is one."""
    secret = "plum-Harbor-71-lantern"
    for name, more in (("open", {}), ("locked", {"AuthToken": secret})):
        client("elasticache").create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="x",
            Engine="redis",
            CacheNodeType="cache.m5.large",
            TransitEncryptionEnabled=True,
            **more,
        )
    users = {"MasterUserName": "owner", "MasterUserPassword": secret}
    client("opensearch").create_domain(
        DomainName="search",
        AdvancedSecurityOptions={"Enabled": True, "InternalUserDatabaseEnabled": True, "MasterUserOptions": users},
    )
    done = audit(tmp_path, "--policy", "inline-secret", "--report", "json=-")
    report = json.loads(done.stdout)
    names = {one["uid"]: one["name"] for one in report["resources"]}
    told = {names[one["resource"]]: one["verdict"] for one in report["findings"]}
    assert told == {"locked": "unknown", "search": "unknown"}
    assert secret not in done.stdout + done.stderr


def test_more_queues_than_one_page_holds_are_read() -> None:
    sqs = client("sqs")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sqs.create_queue(QueueName=f"q{number}"), range(1001)))
    found, _ = seen()
    assert sum(one.native_type == "AWS::SQS::Queue" for one in found.values()) == 1001


def nameless(monkeypatch: pytest.MonkeyPatch, errno: int) -> None:
    """From now on, hosts that are no address have no name."""
    asked = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **more: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(errno, "x")
        return asked(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def not_offered(service: str) -> str:
    session = boto3.Session()
    return min(set(session.get_available_regions("ec2")) - set(session.get_available_regions(service)))


def test_a_service_is_not_offered_only_where_its_host_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    region = not_offered("memorydb")
    monkeypatch.setenv("AWS_ENDPOINT_URL_MEMORYDB", "http://memorydb.invalid")
    with monkeypatch.context() as patched:
        nameless(patched, socket.EAI_NONAME)
        _, ledger = seen(region)
        assert told(ledger.problems) == []
        left_out = [one.message for one in ledger.problems if not one.incomplete]
        assert any(f"memorydb is not offered in {region}" in one for one in left_out)
        _, ledger = seen("eu-west-1")
        assert told(ledger.problems) == ["memorydb:DescribeClusters failed: EndpointConnectionError"]
    nameless(monkeypatch, socket.EAI_AGAIN)
    _, ledger = seen(region)
    assert told(ledger.problems) == ["memorydb:DescribeClusters failed: EndpointConnectionError"]


def test_a_name_that_only_looks_like_a_region_is_none(tmp_path: Path) -> None:
    done = audit(tmp_path, "--region", "eu-west-9")
    assert (done.returncode, "'eu-west-9' is no region of AWS" in done.stderr) == (2, True), done.stderr


def test_a_region_that_is_newer_than_the_sdk_is_looked_at(altered: Any) -> None:
    def alter(asked: Asked, answer: Answer) -> Answer:
        if asked.operation == "DescribeRegions":
            regions = "<regionInfo><item><regionName>eu-west-9</regionName></item></regionInfo>"
            body = f"<DescribeRegionsResponse><requestId>1</requestId>{regions}</DescribeRegionsResponse>"
            return Answer(200, body.encode(), {"Content-Type": "text/xml"})
        return answer

    altered(alter)
    _, ledger = seen("eu-west-9")
    assert "Looked at: eu-west-9;" in ledger.problems[-1].hint


def test_a_region_that_is_not_switched_on_is_one_problem(altered: Any) -> None:
    """Each service has a word of its own for not knowing who asks."""
    words = {"ec2": "AuthFailure", "sns": "InvalidClientTokenId", "s3": "InvalidAccessKeyId"}
    bucket("models")
    bucket("far", "me-south-1")

    def alter(asked: Asked, answer: Answer) -> Answer:
        code = words.get(asked.service, "UnrecognizedClientException")
        if asked.service == "sts":
            code = "InvalidClientTokenId"
        return refused(asked, code) if asked.region == "me-south-1" else answer

    altered(alter)
    found, ledger = seen("me-south-1", "eu-west-1")
    [problem] = [one for one in ledger.problems if one.where == "aws://123456789012/me-south-1" and one.incomplete]
    assert problem.message.startswith("the sign-in does not count here: AuthFailure, InvalidAccessKeyId, ")
    assert "enable-region --region-name me-south-1" in problem.hint
    assert found["models"].region == "eu-west-1"
    assert isinstance(found["far"].attributes["encryption"], Unknown)


def test_a_sign_in_that_ends_on_the_way_is_one_problem(altered: Any, tmp_path: Path) -> None:
    bucket("models")
    altered(lambda asked, answer: answer if asked.service == "sts" else refused(asked, "ExpiredToken"))
    done = audit(tmp_path, "--report", "json=-")
    [problem] = [one for one in json.loads(done.stdout)["problems"] if one["incomplete"]]
    assert "the sign-in does not count here: ExpiredToken (" in problem["message"]
    assert "Sign in again" in problem["hint"]
    assert done.returncode == 4


def test_who_is_asked_in_vain_says_so_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that takes connections and never answers, with the SDK's own number of attempts."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.delenv("AWS_MAX_ATTEMPTS")
        began = time.monotonic()
        done = audit(tmp_path)
    assert (done.returncode, "AWS cannot be reached (ReadTimeoutError)" in done.stderr) == (2, True), done.stderr
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_CA_BUNDLE", "/nope")]
)
def test_a_network_that_does_not_work_is_no_matter_of_signing_in(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
    monkeypatch.setenv(variable, value)
    done = audit(tmp_path)
    assert (done.returncode, "AWS cannot be reached" in done.stderr) == (2, True), done.stderr
    assert "HTTPS_PROXY" in done.stderr


def test_a_service_that_is_busy_is_no_matter_of_signing_in_either(altered: Any, tmp_path: Path) -> None:
    altered(lambda asked, answer: refused(asked, "Throttling") if asked.service == "sts" else answer)
    done = audit(tmp_path)
    assert (done.returncode, "AWS does not answer now (Throttling)" in done.stderr) == (2, True), done.stderr
    assert "Run again later" in done.stderr


def test_whoever_waits_for_a_slow_service_is_told_once(
    altered: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "4")
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    slow = ("sqs", "kms")
    altered(lambda asked, answer: refused(asked, "ThrottlingException") if asked.service in slow else answer)
    done = audit(tmp_path, "--report", "json=-")
    assert done.stderr.count("AWS is slow to answer, or asks to go slower; still trying") == 1
    problems = [one["message"] for one in json.loads(done.stdout)["problems"]]
    assert {"sqs:ListQueues failed: ThrottlingException", "kms:ListKeys failed: ThrottlingException"} <= set(problems)
