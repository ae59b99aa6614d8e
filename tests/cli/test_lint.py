"""`govscan policy lint`: everything that is wrong with a pack, at once, where it is wrong."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, govscan, write_policy

WHOLE_PACK = {
    "pack.yaml": "title: Our own\ndescripton: What we agreed on.\n",
    "lonely.test.yaml": "- {name: nobody, source: terraform_plan, expect: pass, given: {}}\n",
    "bad-name.yaml": """\
id: bad-name
title: Thing has a bad name
severity: hihg
family: ours
match: {types: [storage.buket, database.instance, cache.instance]}
when: |
  facts.mesh_mtls.mod == "STRICT" &&
    resource.attributes.engine == 'redis'
validation: []
validations:
  - expression: >-
      resource.nme == "a" ||
      size(params.lst) > "a"
    message: "{resource.name} in {facts.regin.name} {oops"
  - expression: 'resource.name == "it''s" && resource.name.startWith("a")'
    message: the second one
rationale: A rationale that is long enough.
remediation: Give it another name.
controls: [nist-800-53-r5/SC-88, gdpr/Art.44]
params: {list: [a]}
aliases: [public-bucket, bad-name]
""",
}
SAID = f"""\
ours/bad-name.yaml:1:1: has no cases: write bad-name.test.yaml
ours/bad-name.yaml:3:1: severity: must be critical, high, medium, low or info, not 'hihg'; did you mean 'high'?
ours/bad-name.yaml:5:17: no canonical type is 'storage.buket'; did you mean 'storage.bucket'?
ours/bad-name.yaml:7:3: there is no 'facts.mesh_mtls.mod' here; did you mean 'facts.mesh_mtls.mode'?
ours/bad-name.yaml:8:5: 'resource.attributes.engine' is not an attribute of every type in match.types: cache.instance has none
ours/bad-name.yaml:9:1: validation: is no key; did you mean 'validations'?
ours/bad-name.yaml:12:7: there is no 'resource.nme' here; did you mean 'resource.name'?
ours/bad-name.yaml:13:12: there is no 'params.lst' here; did you mean 'params.list'?
ours/bad-name.yaml:13:24: '>' does not take (int, string)
ours/bad-name.yaml:14:5: a brace stands alone: write {{expression}} for a hole, {{{{ and }}}} for braces
ours/bad-name.yaml:14:35: there is no 'facts.regin.name' here; did you mean 'facts.region.name'?
ours/bad-name.yaml:15:69: there is no 'startWith' here; did you mean 'startsWith'?
ours/bad-name.yaml:19:12: no framework has the control 'nist-800-53-r5/SC-88'; did you mean 'nist-800-53-r5/SC-8'?
ours/bad-name.yaml:20:10: no expression reads params.list
ours/bad-name.yaml:21:11: the name 'public-bucket' is taken by {ROOT}/policies/residency/public-bucket.yaml
ours/bad-name.yaml:21:26: is the policy's own id
ours/lonely.test.yaml:1:1: tests a policy that is not there: lonely.yaml
ours/pack.yaml:1:1: the file has no 'description'; add it: What the policies are for, in a sentence or two.
ours/pack.yaml:2:1: descripton: is no key; did you mean 'description'?
1 policy, 19 mistakes
"""


def linted(folder: Path, pack: str = "ours") -> tuple[int, str]:
    done = govscan(folder, "policy", "lint", pack)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_everything_is_said_at_once_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    for name, text in WHOLE_PACK.items():
        (tmp_path / "ours" / name).write_text(text)
    assert linted(tmp_path) == (2, SAID)


def test_a_pack_without_mistakes_exits_0(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", controls=["gdpr/Art.44"])
    assert linted(tmp_path) == (0, "1 policy, 0 mistakes\n")


def test_the_shipped_packs_have_no_mistakes() -> None:
    done = govscan(ROOT, "policy", "lint", "policies")
    assert done.returncode == 0, done.stdout


VALIDATION = {"message": "{resource.name} is none of {params.words}"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"match": {"types": ["storage.bucket"], "sources": ["kubernetes_manifest"]}}, "no source produces a resource"),
        ({"match": {"types": ["storage.bucket"], "native_types": ["core/Secret"]}}, "no source produces a resource"),
        ({"match": {"sources": ["terafom_plan"]}}, "no source is 'terafom_plan'; did you mean 'terraform_plan'?"),
        (
            {"match": {"types": ["storage.*"], "where": "resource.type == 'workload' && resource.name == 'a'"}},
            "is never true: the policy is never asked",
        ),
        ({"when": "false && resource.name == 'a'"}, "is never true: the verdict is always not_applicable"),
        (
            {"validations": [{**VALIDATION, "expression": "true || resource.name == 'a'"}]},
            "is always true: it can never fail",
        ),
        ({"validations": [{**VALIDATION, "expression": "1 > 2"}]}, "is always false: nothing can pass"),
        ({"validations": [{**VALIDATION, "expression": "resource.name"}]}, "is string, must be bool"),
        ({"validations": [{**VALIDATION, "expression": "resource.name =="}]}, "Syntax error"),
        (
            {"validations": [{"expression": "resource.name == ''", "message": "lists words"}]},
            "no expression reads params.words",
        ),
        (
            {"validations": [{**VALIDATION, "expression": "size(params.words) == 1"}]},
            "names nothing but parameters: the answer is the same for every resource",
        ),
        (
            {"validations": [{**VALIDATION, "expression": f"resource.name{gap}in params.words"} for gap in " \n"]},
            ":12:3: is the same as that of validation 1",
        ),
        *(
            ({"validations": [{**VALIDATION, "expression": text}]}, f"is always {said}")
            for text, said in {
                "resource.name == 'a' && resource.name == 'b'": "false: nothing can pass",
                "resource.name in ['a'] && !(resource.name in ['a', 'b'])": "false: nothing can pass",
                "resource.name in []": "false: nothing can pass",
                "size(resource.name) < 0": "false: nothing can pass",
                "resource.type == 'workload'": "false: nothing can pass",
                "size(resource.tags) >= 0": "true: it can never fail",
                "resource.name.startsWith('a') || !resource.name.startsWith('a')": "true: it can never fail",
                "resource.name in params.words || !(resource.name in params.words)": "true: it can never fail",
                "resource.name == 'a' ? resource.name != 'b' : resource.name != 'a'": "true: it can never fail",
            }.items()
        ),
        (
            {
                "when": "resource.name == 'a'",
                "validations": [{**VALIDATION, "expression": "resource.name != 'b' || resource.region == ''"}],
            },
            "is always true wherever match.where and when are true: it can never fail",
        ),
        (
            {"match": {"where": "resource.name == 'a'"}, "when": "resource.name in ['b', 'c']"},
            "is never true: the verdict is always not_applicable",
        ),
        ({"match": {"where": "resource.name == 'a'"}, "when": "resource.name != 'b'"}, "is always true: leave it out"),
        (
            {"match": {"types": ["storage.bucket", "workload"]}, "when": "resource.type == 'kubernetes.secret'"},
            "is never true: the verdict is always not_applicable",
        ),
        (
            {"when": "resource.name == 'x' || (resource.name == 'a' && resource.name == 'b')"},
            "the part `resource.name == 'a' && resource.name == 'b'` is always false",
        ),
        ({"when": "size(params.words) > 5 && resource.name != 'a'"}, "is never true with these params: give them"),
        ({"rationale": None}, "the file has no 'rationale'; add it"),
        *(
            (
                {"match": match, "validations": [{**VALIDATION, "expression": "resource.nam in params.words"}]},
                "there is no 'resource.nam' here; did you mean 'resource.name'?",
            )
            for match in (
                {"type": ["kubernetes.secret"]},
                {"types": ["kubernetes.secret"], "source": ["terraform_plan"]},
                {"types": ["kubernetes.secret"], "changes": "delete"},
            )
        ),
        (
            {
                "params": {"Words": [], "words": ["db"]},
                "validations": [{**VALIDATION, "expression": "resource.nam in params.words"}],
            },
            "there is no 'resource.nam' here; did you mean 'resource.name'?",
        ),
    ],
)
def test_what_can_never_work_is_a_mistake(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", **changes)
    code, output = linted(tmp_path)
    assert code == 2
    assert said in output


@pytest.mark.parametrize(
    "changes",
    [
        {"match": {"types": ["other"]}},
        {"match": {"native_types": ["example.com/Thing"]}},
        {"match": {"types": ["storage.*", "kubernetes.secret"], "where": "resource.type != 'workload'"}},
        {"when": "size(params.words) > 0"},
        {"when": "resource.name != 'a' || resource.name != resource.region"},
    ],
)
def test_what_may_work_is_none(tmp_path: Path, changes: dict[str, Any]) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", **changes)
    assert linted(tmp_path)[0] == 0


def test_a_policy_that_waits_for_parameters_is_none_where_a_case_brings_them(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "nameless-secret", when="size(params.words) > 5")
    assert linted(tmp_path)[0] == 2
    with path.with_suffix(".test.yaml").open("a") as cases:
        cases.write("- {name: many words, source: kubernetes_manifest, params: {words: [a, b, c, d, e, db]}, ")
        cases.write("expect: pass, given: {apiVersion: v1, kind: Secret, metadata: {name: db}}}\n")
    assert linted(tmp_path) == (0, "1 policy, 0 mistakes\n")


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ("", "ours/nameless-secret.test.yaml:1:1: is empty\n1 policy, 1 mistake\n"),
        (None, "ours/nameless-secret.test.yaml:11:3: another case is called 'it has a name'\n1 policy, 1 mistake\n"),
    ],
)
def test_a_test_file_is_looked_at_as_well(tmp_path: Path, cases: str | None, said: str) -> None:
    tests = write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml")
    tests.write_text(tests.read_text().replace("it has none", "it has a name") if cases is None else cases)
    assert linted(tmp_path) == (2, said)


def test_a_policy_needs_a_case_that_passes_and_one_that_fails(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml")
    path.write_text("- {name: by chance, source: kubernetes_manifest, given: '', expect: unknown}\n")
    output = linted(tmp_path)[1]
    assert "test.yaml:1:1: no case expects pass" in output
    assert "test.yaml:1:1: no case expects fail" in output


def test_a_file_that_a_case_is_given_must_be_there(tmp_path: Path) -> None:
    tests = write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml")
    for name in ("gone.yaml", "../pack.yaml"):
        with tests.open("a") as cases:
            cases.write(f"- {{name: of {name}, source: kubernetes_manifest, given_file: {name}, expect: pass}}\n")
    code, output = linted(tmp_path)
    assert code == 2
    assert ".test.yaml:22:53: there is no file 'gone.yaml' in the pack's folder\n" in output
    assert ".test.yaml:23:56: given_file '../pack.yaml' does not lie in the pack's folder\n" in output


GROUPS = {"group_by": {"name": "resource.name"}, "measure": {"count": True}, "params": {}}
COUNTED = [{"expression": "measured < 2", "message": "too many of them"}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"validations": [{"expression": "measured < 2 && resource.region == ''", "message": "too many of them"}]},
            "'resource.region' is of one resource; where there is group_by, this sees measured, group.<name> and params",
        ),
        ({"measure": {"sum": "resource.name"}}, "is string, must be double or int or uint: resource.name"),
        ({"group_by": {"tags": "facts.tags.all"}}, "is map(string, string), must be bool or double or int or string"),
        (
            {"group_by": {"cost-center": "resource.name"}},
            "group_by.cost-center: must be letters, digits and underscores",
        ),
    ],
)
def test_what_groups_and_measures_cannot_be_is_a_mistake(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    write_policy(tmp_path / "ours", "many-secrets", **{**GROUPS, "validations": COUNTED, **changes})
    code, output = linted(tmp_path)
    assert code == 2
    assert said in output


@pytest.mark.parametrize("name", ["nameless-secret.yml", "other.YAML", "pack.yml"])
def test_a_file_that_would_not_be_read_is_told_by_every_command(tmp_path: Path, name: str) -> None:
    write_policy(tmp_path / "ours", "nameless-secret")
    (tmp_path / "ours" / name).touch()
    said = f"ours/{name}:1:1: is not read: a policy's file, its cases and pack.yaml end in .yaml; rename it"
    for words in (("policy", "lint", "ours"), ("policy", "test", "ours"), ("scan", ".", "--pack", "ours")):
        done = govscan(tmp_path, *words)
        assert done.returncode == 2
        assert said in done.stdout + done.stderr


def test_a_pack_without_a_policy_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "pack.yaml").write_text("title: Our own\ndescription: What we agreed on.\n")
    said = "ours/pack.yaml:1:1: the pack has no policy; write one: govscan policy new ID --pack ours"
    assert linted(tmp_path) == (2, f"{said}\n0 policies, 1 mistake\n")


def test_a_file_may_begin_as_editors_on_windows_begin_it(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "nameless-secret", title="Bad")
    for one in (path, path.with_suffix(".test.yaml"), path.with_name("pack.yaml")):
        one.write_bytes(b"\xef\xbb\xbf" + one.read_bytes().replace(b"\n", b"\r\n"))
    said = (
        "ours/nameless-secret.yaml:2:1: title: is too short: 'Bad'; write 5 characters or more\n1 policy, 1 mistake\n"
    )
    assert linted(tmp_path) == (2, said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("severity: HIGH", "not 'HIGH'; did you mean 'high'?"),
        ('when: !resource.name == "a"', "when: must be a text, not a map; put it in quotes"),
        ('when: resource.tags["a: b"] == "c"', "put a text with ': ', ' #' or brackets in it in quotes as a whole"),
        ("title: {resource.name} is bad", "put a text with ': ', ' #' or brackets in it in quotes as a whole"),
        ("---\nid: other", "write each in a file of its own, without --- between them"),
    ],
)
def test_what_yaml_makes_of_a_text_is_told_with_what_to_write(tmp_path: Path, written: str, said: str) -> None:
    key = "severity" if "HIGH" in written else "title"
    path = write_policy(tmp_path / "ours", "nameless-secret", **{key: None})
    path.write_text(f"{path.read_text()}{written}\n")
    assert said in linted(tmp_path)[1]


def test_every_key_that_stands_twice_is_told_where_it_stands_again(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "nameless-secret")
    path.write_text(f"{path.read_text()}severity: low\nwhen: 'true'\nmatch:\n  types: ['*']\n  types: [workload]\n")
    end = path.read_text().count("\n")
    output = linted(tmp_path)[1]
    for line, column, key in ((end - 4, 1, "severity"), (end - 2, 1, "match"), (end, 3, "types")):
        assert f"ours/nameless-secret.yaml:{line}:{column}: '{key}' stands here twice; keep one\n" in output


def test_a_control_that_is_none_is_told_once(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", controls=["foo"])
    assert linted(tmp_path)[1].count("foo") == 1


def test_two_policies_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    for name in ("nameless-secret", "untitled-secret"):
        write_policy(tmp_path / "ours", name, aliases=["anonymous-secret"])
    assert "the name 'anonymous-secret' is taken by ours/nameless-secret.yaml" in linted(tmp_path)[1]


@pytest.mark.parametrize("text", ["", "[", "a: b: c\n", "- 1\n", "id: 3\nmatch: []\n", "validations: 7\n", "\tid: x\n"])
def test_a_file_of_any_shape_is_answered_with_a_sentence(tmp_path: Path, text: str) -> None:
    write_policy(tmp_path / "ours", "nameless-secret").write_text(text)
    code, output = linted(tmp_path)
    assert code == 2
    assert "nameless-secret.yaml:" in output
