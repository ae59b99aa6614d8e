"""What is wrong in a policy, a pack, a test file or a configuration is said in plain words, with what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner import checked_yaml, config, policy, trial
from scanner.schema_words import KEYWORDS

POLICY: dict[str, Any] = {
    "id": "bad-thing",
    "title": "Thing is bad",
    "severity": "high",
    "family": "ours",
    "match": {"types": ["storage.bucket"]},
    "validations": [{"expression": "true", "message": "it is bad"}],
    "rationale": "A rationale that is long enough.",
    "remediation": "Make it a good one.",
    "controls": [],
}
CASE = {"name": "a case", "source": "terraform_plan", "expect": "pass", "given": {}}
OF_A_POLICY = [
    ({"title": None}, "title: is empty; write a text"),
    ({"title": 5}, "title: must be a text, not the number 5; put it in quotes"),
    ({"title": True}, "title: must be a text, not true; put it in quotes"),
    ({"title": ["a"]}, "title: must be a text, not a list"),
    ({"title": ""}, "title: is empty; write something, or leave the key out where it is not needed"),
    ({"title": "bad"}, "title: is too short: 'bad'; write 5 characters or more"),
    ({"title": "bad" * 50}, "title: has 150 characters; write 120 or fewer"),
    ({"severity": "hihg"}, "severity: must be critical, high, medium, low or info, not 'hihg'; did you mean 'high'?"),
    ({"id": "Bad"}, "id: must be small letters, digits and single dashes, beginning with a letter, not 'Bad'"),
    ({"family": "x y"}, "family: must be small letters, digits and dashes, beginning with a letter, not 'x y'"),
    ({"validations": []}, "validations: is an empty list; add an entry"),
    (
        {"validations": [{"expression": "true"}]},
        "validations.0: has no 'message'; add it: What to say when it is false",
    ),
    ({"match": {}}, "match: is an empty map; add an entry: one of changes, native_types, sources, types, where"),
    ({"match": {"types": ["a", "a"]}}, "match.types.1: 'a' stands here twice; keep one"),
    ({"match": {"changes": ["create"]}}, "match.changes.0: must be delete or replace, not 'create'"),
    ({"controls": ["GDPR"]}, "controls.0: must be a framework and a control of it, such as gdpr/Art.44, not 'GDPR'"),
    ({"params": {"Bad": 1}}, "params.Bad: must be small letters, digits and underscores, beginning with a letter"),
    ({"measure": {"count": True}}, "measure: needs 'group_by' beside it; add it"),
    ({"group_by": {"a": "'a'"}}, "group_by: needs 'measure' beside it; add it"),
    ({"group_by": {"a": "'a'"}, "measure": {}}, "measure: is an empty map; add an entry: one of count, distinct, max"),
    ({"group_by": {"a": "'a'"}, "measure": {"count": 1}}, "measure.count: must be true, not 1"),
    ({"group_by": {"a": "'a'"}, "measure": {"sum": "1", "min": "1"}}, "measure: has sum, min; keep one of them"),
    ({"validation": []}, "validation: is no key; did you mean 'validations'?"),
]
OF_A_CASE = [
    ([], "the file is an empty list; add an entry"),
    ({}, "the file must be a list, not a map"),
    ([{**CASE, "given_file": "a"}], "0: has both 'given' and 'given_file'; keep one"),
    ([{name: CASE[name] for name in ("name", "source", "expect")}], "0: has no 'given' and no 'given_file'; add one"),
    ([{**CASE, "source": "gcp_assets", "given": 1}], "0.given: must be a text, a map or a list, not the number 1"),
    ([{**CASE, "count": 0}], "0.count: must be 1 or more, not 0"),
    *(
        ([{**CASE, "source": "terraform_plan", "given": given}], f"0.given{said}")
        for given, said in [
            ([], ": must be a text or a map, not a list"),
            ({"resource": []}, ".resource: is no key; did you mean 'resources'?"),
            ({"resources": {}}, ".resources: must be a list, not a map"),
            ({"variables": {"a": {"sensitiv": True}}}, ".variables.a.sensitiv: is no key; did you mean 'sensitive'?"),
            ({"outputs": {"a": {"references": "var.a"}}}, ".outputs.a.references: must be a list, not a text"),
            ({"providers": {"vault": []}}, ".providers.vault: must be a map, not a list"),
        ]
    ),
    *(
        (
            [{**CASE, "source": "terraform_plan", "given": {"resources": [{"address": "a.b", **changes}]}}],
            f"0.given.resources.0.{said}",
        )
        for changes, said in [
            ({"address": "bucket"}, "address: must be the address of a resource, such as aws_s3_bucket.logs, not"),
            ({"value": {}}, "value: is no key; did you mean 'values'?"),
            ({"values": []}, "values: must be a map, not a list"),
            ({"references": {"key": "var.key"}}, "references.key: must be a list, not a text"),
            ({"references": {"key": [1]}}, "references.key.0: must be a text, not the number 1"),
            ({"unknown": "location"}, "unknown: must be a list, not a text"),
            ({"sensitive": {"password": True}}, "sensitive: must be a list, not a map"),
            ({"actions": ["replace"]}, "actions.0: must be no-op, create, read, update, delete or forget, not 'rep"),
        ]
    ),
    ([{**CASE, "expect": "passes"}], "0.expect: must be pass, fail, unknown or not_applicable, not 'passes'"),
]
OF_A_PACK = [({"title": "Our pack"}, "the file has no 'description'; add it: What the policies are for")]
OF_A_CONFIGURATION = [
    ({"packs": []}, "packs: is an empty list; add an entry"),
    ({"packs": "cost"}, "packs: must be a list, not a text"),
    ({"disable": {"a": ""}}, "disable.a: is empty; write something"),
    ({"kubernetes": {"render": "yes"}}, "kubernetes.render: must be true or false, not a text"),
]


@pytest.mark.parametrize(
    ("schema", "body", "said"),
    [
        *((policy.SCHEMA, {**POLICY, **changes}, said) for changes, said in OF_A_POLICY),
        *((trial.SCHEMA, cases, said) for cases, said in OF_A_CASE),
        *((policy.PACK_SCHEMA, body, said) for body, said in OF_A_PACK),
        *((config.SCHEMA, body, said) for body, said in OF_A_CONFIGURATION),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(tmp_path: Path, schema: Path, body: object, said: str) -> None:
    path = tmp_path / "bad-thing.yaml"
    path.write_text(yaml.safe_dump(body))
    messages = [one.message for one in checked_yaml.check(path, body, schema)]
    assert [message[: len(said)] for message in messages] == [said]


def test_every_way_to_break_a_schema_has_words() -> None:
    """A keyword that nobody has found words for would be told in those of the library."""
    silent = {"$schema", "$id", "$ref", "$defs", "title", "description", "properties", "items", "propertyNames"}
    silent |= {"if", "then", "else"}
    for schema in (policy.SCHEMA, policy.PACK_SCHEMA, trial.SCHEMA, config.SCHEMA):
        used = set(_keywords(json.loads(schema.read_text())))
        assert used - silent - {"patternErrorMessage"} <= KEYWORDS


def _keywords(schema: Any) -> Any:
    if isinstance(schema, dict):
        yield from schema
        for name, inner in schema.items():
            inside = inner.values() if name in {"properties", "$defs"} else [inner]
            for one in inside:
                yield from _keywords(one) if name != "dependentRequired" else ()
    elif isinstance(schema, list):
        for one in schema:
            yield from _keywords(one)
