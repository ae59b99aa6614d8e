"""The twins law between what Terraform says and what really stands after its apply.

The same estate is judged from its configuration, its plan, its state and the live account. These may differ by what one
of them cannot know, never by pass against fail, and nothing that Terraform made may be missing from the account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scanner import load, policy
from scanner.model import ScanResult, Verdict
from scanner.scan import Request, scan
from tests.live.conftest import environment, told
from tests.live.standing import ESTATES, Standing

Verdicts = Mapping[tuple[str, str], Verdict]
"""ARN and policy to the verdict."""
OPPOSITE = {Verdict.PASS, Verdict.FAIL}
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
NOT_IN_AN_ACCOUNT = {
    "inline-secret",
    "provider-managed-encryption-key",
    "secret-argument-kept-in-state",
    "terraform-secret-outside-vault",
}
"""Policies about what only Terraform knows: who wrote or chose a value, and what its state keeps."""
PARTS = {"data.replication"}
"""Resources of Terraform's that are parts of a thing; its flows are the thing's own."""
SOURCES = ("plan", "state", "configuration")


def scanned(standing: Standing, source: str) -> ScanResult:
    folder = standing.folder
    packs = tuple(policy.packs(policy.shipped()))
    if source == "live":
        options = load.Options(folder, audit=load.Audit("aws", REGIONS))
        return scan(Request(("aws",), packs, options))
    tf = tuple(str(path) for path in sorted(folder.glob("*.tf")))
    targets = tf if source == "configuration" else (str(folder / f"{source}.json"),)
    return scan(Request(targets, packs, load.Options(folder)))


@pytest.fixture(scope="module", params=[estate.name for estate in ESTATES])
def one(request: pytest.FixtureRequest, standing: Mapping[str, Standing]) -> Standing:
    return standing[request.param]


@pytest.fixture(scope="module")
def results(one: Standing) -> Mapping[str, ScanResult]:
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(one.endpoint).items():
            patch.setenv(key, value)
        return {source: scanned(one, source) for source in (*SOURCES, "live")}


@pytest.fixture(scope="module")
def arns(one: Standing) -> Mapping[str, str]:
    """Terraform's address to the ARN of what stands there."""
    state = json.loads((one.folder / "state.json").read_text())
    return dict(addresses(state["values"]["root_module"]))


def addresses(module: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in module.get("resources", ()):
        if one["mode"] == "managed":
            yield one["address"], one["values"].get("arn") or one["values"]["id"]
    for inner in module.get("child_modules", ()):
        yield from addresses(inner)


def verdicts(result: ScanResult, arns: Mapping[str, str]) -> Verdicts:
    """Policies about what a plan destroys are left out: nothing but a plan says that."""
    return {
        (arns.get(address, address), policy_id): verdict
        for policy_id, tally in result.tallies.items()
        if not result.policies[policy_id].match.changes
        for verdict, uids in tally.items()
        for uid in uids
        if uid in result.resources and (address := result.resources[uid].origin.address)
    }


@pytest.mark.parametrize("source", SOURCES)
def test_what_stands_never_contradicts_what_terraform_says(
    results: Mapping[str, ScanResult], arns: Mapping[str, str], source: str
) -> None:
    said, live = verdicts(results[source], arns), verdicts(results["live"], {})
    shared = said.keys() & live.keys()
    assert len(shared) > 200
    assert [(key, said[key], live[key]) for key in shared if {said[key], live[key]} == OPPOSITE] == []


@pytest.mark.parametrize("source", SOURCES)
def test_what_fails_in_terraform_fails_where_it_stands(
    results: Mapping[str, ScanResult], arns: Mapping[str, str], source: str
) -> None:
    said, live = verdicts(results[source], arns), verdicts(results["live"], {})
    failing = [key for key in said if said[key] is Verdict.FAIL and key in live]
    open_here = {policy_id for arn, policy_id in failing if live[arn, policy_id] is not Verdict.FAIL}
    assert len(failing) > 10
    assert open_here <= NOT_IN_AN_ACCOUNT


@pytest.mark.parametrize("source", SOURCES)
def test_everything_that_terraform_made_is_found(
    results: Mapping[str, ScanResult], arns: Mapping[str, str], source: str
) -> None:
    """Other types are parts of things, such as the policy of a bucket; variables never stand anywhere."""
    made = {arns[card.origin.address] for card in judged(results[source]) if card.origin.address in arns}
    found = {card.origin.address for card in judged(results["live"])}
    assert len(made) > 8
    assert made - found == set()
    copies = {anywhere(arn) for arn in made}
    assert [arn for arn in found - made if ":volume/" not in arn and anywhere(arn) not in copies] == []


def anywhere(arn: str) -> str:
    """The same in every region, as the copies of a secret are. Disks that come with machines are no copies."""
    return ":".join(arn.split(":")[:3] + arn.split(":")[4:])


def judged(result: ScanResult) -> list[Any]:
    return [card for card in result.resources.values() if card.type not in {"other", *PARTS}]


def test_things_are_where_they_were_put_and_called_what_they_are_called(
    results: Mapping[str, ScanResult], arns: Mapping[str, str]
) -> None:
    live = {card.origin.address: card for card in results["live"].resources.values()}
    for card in judged(results["state"]):
        twin = live[arns[card.origin.address]]
        assert (twin.type, twin.region, twin.provider) == (card.type, card.region, card.provider)


def test_the_audit_is_complete_but_for_what_the_stand_in_does_not_know(results: Mapping[str, ScanResult]) -> None:
    assert told(results["live"].problems) == []
