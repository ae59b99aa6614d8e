"""Policies asked together, as one function, come to the verdicts that each of them has when asked alone and exactly."""

import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import analyze, evaluate, load, normalize, policy, scan
from scanner.evaluate import _judge
from scanner.evaluate._judge import judge
from scanner.evaluate._match import is_about
from scanner.model import Inventory, Ledger, Policy, Resource, Unknown
from tests.evaluate.harness import Facts, a_policy, a_resource

LATER = Unknown("known after apply", "x")
PARAMS = {
    "regions": ["eu-west-1", "eu-west-3"],
    "none": [],
    "required": {"team": ["team", "Team"], "cost": ["cost", "Cost", "cost-center"]},
    "most": 2,
    "word": "fraud",
    "strict": True,
    "mixed": ["eu-west-1", 1],
}
TEXTS = [
    "resource.attributes.tls_required",
    "!resource.attributes.tls_required",
    "resource.region in params.regions",
    "!(resource.region in params.none)",
    "resource.region in params.mixed",
    "params.none.all(one, one == resource.region)",
    "params.required.all(name, params.required[name].exists(key, key in resource.tags))",
    "params.required.all(name, params.required[name].all(key, !(key in resource.tags) || resource.tags[key] != ''))",
    "params.required.exists(name, has(resource.tags.team) && resource.tags.team == name)",
    "params.regions.exists_one(one, one == resource.region)",
    "resource.attributes.regions.all(one, one in params.regions)",
    "resource.attributes.regions.exists(one, params.regions.all(other, one != other))",
    "size(resource.attributes.regions) <= params.most",
    "facts.owner.team == params.word",
    "facts.accelerators.count == 0",
    "facts.accelerators.count == 1 && params.strict",
    "params.strict ? facts.owner.team != '' : resource.attributes.tls_required",
    "resource.attributes.regions.all(a, resource.attributes.regions.exists(a, a != '') && a != 'us-east-1')",
    "resource.attributes.regions.exists(a, resource.attributes.regions.filter(a, a != '').size() > 1 && a != '')",
    "[resource.attributes.regions, ['team']].all(a, a.exists(a, a == 'eu-west-1') || size(a) > 1)",
    "resource.native.all(key, value, key == 'team' && value == 'fraud' || resource.tags.exists(one, one == value))",
    "!(resource.attributes.regions.all(a, a in resource.tags) ? facts.accelerators.count > 0 : resource.tags.all(a, a != ''))",
    "facts.accelerators.count >= 1 && facts.accelerators.count < 2",
    "'eu-west-1' in resource.attributes.regions",
    "'team' in resource.native",
    "resource.native.?team.orValue(params.word) == params.word",
    "cel.bind(params_word, resource.region, params_word == 'eu-west-1' && params.word == 'fraud')",
]
UNKNOWN = st.builds(Unknown, st.just("known after apply"))
ANYTHING = UNKNOWN | st.sampled_from([None, True, False, 0, 1, 1.0, "", "fraud", "team", "eu-west-1", [], ["team"], {}])
MAYBE_REGION = UNKNOWN | st.sampled_from(["", "eu-west-1", "us-east-1"])
TAGS = st.dictionaries(
    st.sampled_from(["team", "Team", "cost", "Cost"]), UNKNOWN | st.sampled_from(["", "fraud", "team"]), max_size=3
)
RESOURCES = st.builds(
    a_resource,
    region=st.one_of(MAYBE_REGION, ANYTHING),
    tags=st.one_of(TAGS, TAGS, ANYTHING),
    attributes=st.fixed_dictionaries(
        {"tls_required": ANYTHING, "regions": st.one_of(st.lists(MAYBE_REGION, max_size=3), ANYTHING)}
    ),
    native=st.dictionaries(st.just("team"), ANYTHING),
)
FACTS = st.fixed_dictionaries(
    {
        "owner": st.fixed_dictionaries({"team": ANYTHING}),
        "accelerators": st.fixed_dictionaries({"count": ANYTHING, "model": ANYTHING}),
    }
)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> list[Policy]:
    """A policy for every text, with another text as its gate."""
    folder = tmp_path_factory.mktemp("pack")
    return [
        a_policy(
            folder,
            id=f"policy-{number}",
            params=PARAMS,
            match={"types": ["*"] if number % 2 else ["storage.bucket"]},
            when=TEXTS[number * 5 % len(TEXTS)] if number % 3 else "true",
            validations=[{"expression": text, "message": "broken"} for text in (text, TEXTS[-number])],
        )
        for number, text in enumerate(TEXTS)
        if number % 2 == 0 or "attributes" not in text + TEXTS[number * 5 % len(TEXTS)] + TEXTS[-number]
    ]


@settings(max_examples=300, deadline=None)
@given(resource=RESOURCES, values=FACTS)
def test_together_and_alone_agree(policies: list[Policy], resource: Resource, values: dict[str, Any]) -> None:
    facts = Facts({resource.uid: values})
    assert _together(policies, resource, facts) == _alone(policies, resource, facts)


@settings(max_examples=200, deadline=None)
@given(resource=RESOURCES, said=FACTS, unsaid=FACTS, silent=st.sets(st.sampled_from(["owner", "accelerators"])))
def test_what_facts_say_of_many_is_not_said_of_others(
    policies: list[Policy], resource: Resource, said: dict[str, Any], unsaid: dict[str, Any], silent: set[str]
) -> None:
    """A resource that has something in common with many beside one that has all of its own, and after it."""
    facts = Facts({resource.uid: {**said, **{name: unsaid[name] for name in silent}}})
    facts.common = unsaid
    assert _together(policies, resource, facts) == _alone(policies, resource, facts)
    facts.common = {name: dict(values) for name, values in said.items()}
    assert _together(policies, resource, facts) == _alone(policies, resource, facts)


@settings(max_examples=40, deadline=None)
@given(choices=st.data())
def test_shipped_policies_agree_on_real_resources_with_holes(root: Path, choices: st.DataObject) -> None:
    shipped, resources, facts = _estate(root)
    resource = choices.draw(st.sampled_from(resources))
    values = dict(facts.values_for(resource.uid))
    attributes, tags = dict(resource.attributes), resource.tags
    for name in choices.draw(st.sets(st.sampled_from(sorted(attributes) or ["none"]), max_size=3)):
        attributes[name] = LATER
    for name in choices.draw(st.sets(st.sampled_from(sorted(values)), max_size=2)):
        values[name] = values[name] | {choices.draw(st.sampled_from(sorted(values[name]))): LATER}
    parts = {name: getattr(resource, name) for name in ("uid", "type", "native_type", "provider", "name", "native")}
    region = resource.region if choices.draw(st.booleans()) else LATER
    holed = a_resource(**parts, attributes=attributes, tags=tags, region=region, origin=resource.origin)
    told = Facts({resource.uid: values})
    assert _together(shipped, holed, told) == _alone(shipped, holed, told)


def test_facts_of_another_shape_than_promised_are_no_guess(policies: list[Policy]) -> None:
    resource = a_resource()
    facts = Facts({resource.uid: {"owner": {"team": "fraud"}}})
    assert _together(policies, resource, facts) == _alone(policies, resource, facts)


def _together(policies: list[Policy], resource: Resource, facts: Facts) -> dict[str, str]:
    """The verdicts of the first times, which are asked exactly, and of the later ones, which must be the same.

    Those are asked by a function for each policy first, and then by one for all of them, as many are from the first on.
    """
    inventories = [Inventory([resource])] * 8
    few, many = (_verdicts(policies, told, facts) for told in (inventories, [Inventory([resource] * 8)]))
    assert few == many
    return few


def _verdicts(policies: list[Policy], inventories: list[Inventory], facts: Facts) -> dict[str, str]:
    judged = evaluate.Judge(policies)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_judge, "_PATIENCE", 2)
        patch.setattr(_judge, "_MANY", 5)
        for inventory in inventories:
            list(judged.partition(inventory, facts))
    assert all(len(tally) <= 1 for tally in judged.tallies.values())
    return {name: str(verdict) for name, tally in judged.tallies.items() for verdict in tally}


def _alone(policies: list[Policy], resource: Resource, facts: Facts) -> dict[str, str]:
    roots = evaluate.subject(resource, facts.values_for(resource.uid))
    about = [one for one in policies if is_about(one.match, resource)]
    found = {one.id: judge(one, roots)[0] for one in about}
    return {name: str(verdict) for name, verdict in found.items() if verdict}


@functools.cache
def _estate(root: Path) -> tuple[list[Policy], list[Resource], analyze.Facts]:
    plan = root / "fixtures" / "terraform" / "fraud-serving-aws" / "plan.json"
    request = scan.Request((str(plan),), tuple(policy.packs(policy.shipped())), load.Options(base=root))
    shipped = [one for one in scan.policies_of(request) if not one.aggregate]
    (partition,) = load.partitions(request.targets, request.options, Ledger())
    inventory = normalize.inventory(partition, Ledger())
    return shipped, list(inventory), analyze.facts(inventory, Ledger(), scan.facts_read(shipped))
