"""Groups, sums and intervals."""

from pathlib import Path
from typing import Any

import pytest

from scanner import evaluate
from scanner.model import Inventory, Policy, Unknown
from tests.evaluate.harness import Facts, a_policy, a_resource, verdicts

LATER = Unknown("known after apply", "desired_size")
NOBODY = Unknown("known after apply", "tags.team")


def quota(folder: Path, **parts: Any) -> Policy:
    return a_policy(
        folder,
        **{
            "match": {"types": ["storage.bucket"], "where": "facts.accelerators.count > 0"},
            "group_by": {"team": "facts.owner.team"},
            "measure": {"sum": "facts.accelerators.count"},
            "validations": [
                {"expression": "measured <= params.quota", "message": "{group.team} has {measured} of {params.quota}"}
            ],
            "params": {"quota": 8},
            **parts,
        },
    )


def facts(**counts: Any) -> Facts:
    """`fraud_1=4` is a resource of team fraud with four accelerators."""
    return Facts(
        {
            f"plan.json#aws_s3_bucket.{name}": {
                "owner": {"team": NOBODY if name.startswith("someone") else name.partition("_")[0]},
                "accelerators": {"count": count, "model": "nvidia-h100"},
            }
            for name, count in counts.items()
        }
    )


def judged(policy: Policy, **counts: Any) -> dict[str, str]:
    return verdicts(policy, *(a_resource(name) for name in counts), facts=facts(**counts))


def test_each_group_is_summed_and_judged_alone(tmp_path: Path) -> None:
    found = judged(quota(tmp_path), fraud_1=4, fraud_2=4, vision_1=16)
    assert found == {"group:team=fraud": "pass", "group:team=vision": "fail"}


def test_a_sum_that_is_over_whatever_the_unknown_is_fails(tmp_path: Path) -> None:
    assert judged(quota(tmp_path), fraud_1=9, fraud_2=LATER) == {"group:team=fraud": "fail"}


def test_a_sum_that_the_unknown_could_push_over_is_unknown(tmp_path: Path) -> None:
    assert judged(quota(tmp_path), fraud_1=4, fraud_2=LATER) == {"group:team=fraud": "unknown"}


def test_a_resource_of_nobody_known_counts_against_everybody_at_most(tmp_path: Path) -> None:
    found = judged(quota(tmp_path), fraud_1=2, vision_1=6, someone_1=4)
    assert found["group:team=fraud"] == "pass"
    assert found["group:team=vision"] == "unknown"


def test_who_leaves_a_sum_open_is_named(tmp_path: Path) -> None:
    judge = evaluate.Judge([quota(tmp_path)])
    counts = {"vision_1": 6, "vision_2": LATER, "someone_1": 4}
    list(judge.partition(Inventory([a_resource(name) for name in counts]), facts(**counts)))
    messages = {judgement.uid: judgement.message for judgement in judge.totals()}
    assert messages["group:team=vision"] == (
        "cannot be decided: the measured value is at least 6; "
        "what aws_s3_bucket.vision_2 and 1 more would add is not known"
    )


def test_at_least_two_regions_for_a_service(tmp_path: Path) -> None:
    policy = quota(
        tmp_path,
        measure={"distinct": "resource.region"},
        validations=[{"expression": "measured >= 2", "message": "runs in {measured} region"}],
        params={},
    )
    one = [a_resource("fraud_1"), a_resource("fraud_2")]
    two = [a_resource("fraud_1"), a_resource("fraud_2", region="eu-west-3")]
    known = facts(fraud_1=1, fraud_2=1)
    assert verdicts(policy, *one, facts=known) == {"group:team=fraud": "fail"}
    assert verdicts(policy, *two, facts=known) == {"group:team=fraud": "pass"}
    later = [a_resource("fraud_1"), a_resource("fraud_2", region=LATER)]
    assert verdicts(policy, *later, facts=known) == {"group:team=fraud": "unknown"}


def test_the_least_of_a_group_is_not_that_of_what_perhaps_does_not_belong_to_it(tmp_path: Path) -> None:
    """Where it is not known whether a resource is matched, or whose it is, the others may be all there is."""
    least = [{"expression": "measured <= 4", "message": "the least is {measured}"}]
    open_gate = {"types": ["storage.bucket"], "where": "resource.region != 'nowhere'"}
    policy = quota(tmp_path, match=open_gate, measure={"min": "facts.accelerators.count"}, validations=least, params={})
    known = facts(fraud_1=9, fraud_2=1)
    perhaps = [a_resource("fraud_1"), a_resource("fraud_2", region=LATER)]
    assert verdicts(policy, *perhaps, facts=known) == {"group:team=fraud": "unknown"}
    found = judged(policy, fraud_1=9, someone_1=1)
    assert found["group:team=fraud"] == "unknown"
    assert judged(policy, fraud_1=9, fraud_2=1) == {"group:team=fraud": "pass"}


def test_the_most_of_a_group_is_at_least_what_is_known(tmp_path: Path) -> None:
    policy = quota(tmp_path, measure={"max": "facts.accelerators.count"})
    assert judged(policy, fraud_1=9, fraud_2=LATER) == {"group:team=fraud": "fail"}
    assert judged(policy, fraud_1=3, fraud_2=LATER) == {"group:team=fraud": "unknown"}
    assert judged(policy, fraud_1=3, someone_1=4)["group:team=fraud"] == "pass"


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("measured == 8", "unknown"),
        ("measured % 8 == 0", "unknown"),
        ("measured > 6 && measured < 8", "unknown"),
        ("measured != params.quota", "unknown"),
        ("measured < 3 || measured > params.quota", "unknown"),
        ("measured == 3", "fail"),
        ("measured > 1", "pass"),
    ],
)
def test_what_could_hold_between_the_ends_is_unknown(tmp_path: Path, expression: str, verdict: str) -> None:
    exact = [{"expression": expression, "message": "there are {measured}"}]
    assert judged(quota(tmp_path, validations=exact), fraud_1=4, fraud_2=LATER) == {"group:team=fraud": verdict}


def test_nothing_but_numbers_is_summed(tmp_path: Path) -> None:
    policy = quota(tmp_path, match={"types": ["storage.bucket"]}, measure={"sum": "resource.native.size"})
    words = [a_resource("fraud_1", native={"size": "12"})]
    assert verdicts(policy, *words, facts=facts(fraud_1=1)) == {"group:team=fraud": "unknown"}


def test_a_sum_of_tenths_is_rounded_once(tmp_path: Path) -> None:
    """Ten times 12.3 is 122.99999999999999 where each addition is rounded."""
    policy = quota(tmp_path, params={"quota": 122.9})
    names = [f"fraud_{number}" for number in range(10)]
    found = evaluate.Judge([policy])
    seen = Inventory([a_resource(name) for name in names])
    list(found.partition(seen, facts(**dict.fromkeys(names, 12.3))))
    assert [one.message for one in found.totals()] == ["fraud has 123.0 of 122.9"]


def test_zero_is_a_value_like_any_other(tmp_path: Path) -> None:
    two = [{"expression": "measured == 2", "message": "{measured} of them"}]
    policy = quota(
        tmp_path,
        match={"types": ["storage.bucket"]},
        measure={"distinct": "facts.accelerators.count"},
        validations=two,
        params={},
    )
    assert judged(policy, fraud_1=0, fraud_2=7) == {"group:team=fraud": "pass"}


def test_partial_sums_merge_over_partitions_and_the_largest_contributors_are_listed(tmp_path: Path) -> None:
    judge = evaluate.Judge([quota(tmp_path)])
    for name, count in (("fraud_1", 3), ("fraud_2", 7)):
        list(judge.partition(Inventory([a_resource(name)]), facts(**{name: count})))
    [one] = judge.totals()
    assert one.message == "fraud has 10 of 8"
    assert [(read.path, read.value) for read in one.reads] == [
        ("aws_s3_bucket.fraud_2", 7),
        ("aws_s3_bucket.fraud_1", 3),
    ]
