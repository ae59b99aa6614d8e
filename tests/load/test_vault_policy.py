"""Policies of Vault, as files and as Terraform writes them: one verdict, and the line of the grant."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import load, policy, vault_policies
from scanner.errors import LoadError
from scanner.model import Verdict
from scanner.scan import Request, scan
from tests.load.conftest import Loaded

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Loaded]

SECRETS = policy.shipped() / "secrets"
GRANTS = (
    "vault-policy-grants-sudo", "vault-policy-writes-everywhere", "vault-policy-reads-every-secret",
    "vault-policy-changes-who-may",
)  # fmt: skip


def failed(base: Path, *targets: str) -> dict[str, tuple[str, str]]:
    """Policy to the resource and the line that broke it."""
    settings_ = policy.Settings(only=GRANTS)
    result = scan(Request(tuple(str(base / one) for one in targets), (SECRETS,), load.Options(base=base), settings_))
    assert result.problems == ()
    found: dict[str, tuple[str, str]] = {}
    for finding in result.findings:
        if finding.verdict is Verdict.FAIL:
            line = (base / finding.origin.uri).read_text().split("\n")[finding.origin.line - 1].strip()
            found[finding.policy_id] = (finding.resource_uid.partition("#")[2], line)
    return found


def test_each_grant_is_judged_at_its_line(root: Path) -> None:
    assert failed(root, "fixtures/vault/scoring.hcl", "fixtures/vault/pipeline.hcl") == {
        "vault-policy-grants-sudo": ("pipeline", 'path "sys/audit/*" { policy = "sudo" }'),
        "vault-policy-reads-every-secret": ("pipeline", 'capabilities = ["read", "list"]'),
        "vault-policy-changes-who-may": ("pipeline", "capabilities = ["),
    }


@pytest.mark.parametrize("name", ["scoring", "pipeline"])
def test_a_policy_in_terraform_has_the_verdicts_of_its_file(root: Path, base: Path, write: Write, name: str) -> None:
    text = (root / "fixtures/vault" / f"{name}.hcl").read_text()
    write(f"{name}.hcl", text)
    write("tf/main.tf", f'resource "vault_policy" "it" {{\n  name   = "{name}"\n  policy = <<-EOT\n{text}EOT\n}}\n')
    as_file, as_block = failed(base, f"{name}.hcl"), failed(base, "tf")
    assert set(as_file) == set(as_block)
    assert bool(as_file) is (name == "pipeline")


def test_what_is_no_policy_is_none_of_ours(write: Write, read: Read) -> None:
    write("terragrunt.hcl", 'include "root" {\n  path = find_in_parent_folders()\n}\n')
    write(".terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.0.0"\n}\n')
    write("image.pkr.hcl", 'source "amazon-ebs" "base" {}\n')
    write("policy.hcl", 'path "a" { capabilities = ["read"] }\n')
    loaded = read()
    assert loaded.addresses == ["policy"]
    assert loaded.problems == []
    assert loaded.ledger.skipped["not infrastructure"] == 3


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("p.hcl", 'path "sys/audit/*"\n{\n  capabilities = ["sudo"]\n}\n', 3),
        ("p.hcl", '"path" "sys/audit/*" {\n  policy = "sudo"\n}\n', 2),
        ("p.hcl", '{"path": {"sys/audit/*": {"capabilities": ["sudo"]}}}', 1),
        ("p.json", '{\n  "path": {\n    "sys/audit/*": {\n      "capabilities": ["sudo"]\n    }\n  }\n}\n', 4),
        (
            "p.json",
            '{\n  "path": [\n    {"a": {"policy": "read"}},\n    {"sys/audit/*": {"policy": "sudo"}}\n  ]\n}\n',
            4,
        ),
    ],
)
def test_other_ways_to_write_a_policy(base: Path, write: Write, name: str, text: str, line: int) -> None:
    write(name, text)
    settings_ = policy.Settings(only=("vault-policy-grants-sudo",))
    result = scan(Request((str(base),), (SECRETS,), load.Options(base=base), settings_))
    assert [(one.verdict, one.origin.line) for one in result.findings] == [(Verdict.FAIL, line)]


def test_a_policy_of_nomad_is_none_of_ours(write: Write, read: Read) -> None:
    write(
        "n.hcl",
        'namespace "default" {\n  variables {\n    path "a/*" {\n      capabilities = ["write"]\n    }\n  }\n}\n',
    )
    write("other.json", '{"path": "/x", "policy": "a"}')
    write("more.json", '{"path": {"a": {"policy": "x"}}, "kind": "b"}')
    loaded = read()
    assert (loaded.addresses, loaded.problems) == ([], [])


@pytest.mark.parametrize(
    "text",
    ['path "a" {\n  capabilities = [\n', 'path "a" {\n' + "x = " + "[" * 500, 'path "a" { capabilities = ["read"] }' + " " * 1_100_000],
    ids=["unfinished", "deep", "large"],
)  # fmt: skip
def test_a_broken_policy_is_one_problem(write: Write, read: Read, text: str) -> None:
    write("broken.hcl", text)
    write("whole.hcl", 'path "a" { capabilities = ["read"] }\n')
    loaded = read()
    assert [where for where, _ in loaded.problems] == ["broken.hcl"]
    assert loaded.addresses == ["whole"]


def grant(path: str, *capabilities: str, limited: bool = False) -> dict[str, Any]:
    return {"path": path, "capabilities": list(capabilities), "limited": limited}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('path "a/*" { capabilities = ["read", "list"] }', [grant("a/*", "read", "list")]),
        ('path "a" { policy = "write" }', [grant("a", "create", "read", "update", "delete", "list")]),
        ('path "a" {\n policy = "create"\n policy = "sudo"\n policy = "read"\n}', [grant("a", "read", "list")]),
        ('path "a" {}', [grant("a")]),
        ('path "/a" { capabilities = ["read"] }', [grant("a", "read")]),
        ('path "a" { capabilities = ["read"] capabilities = ["sudo"] }', [grant("a", "read", "sudo")]),
        ('path "s/{{identity.entity.name}}/*" {\n capabilities = ["read", # why\n "deny"]\n}', [grant("s/{{identity.entity.name}}/*", "read", "deny")]),
        ('path "a" {\n capabilities = ["update"]\n allowed_parameters = {\n "b" = []\n }\n}', [grant("a", "update", limited=True)]),
        ('path "a" {\n capabilities = ["update"]\n allowed_parameters = {\n "*" = []\n }\n}', [grant("a", "update")]),
        ('{"path": {"a": {"capabilities": ["update"], "allowed_parameters": {"*": []}}}}', [grant("a", "update")]),
        ('path "a" {\n capabilities = ["update"]\n required_parameters = ["b"]\n denied_parameters = {}\n}', [grant("a", "update")]),
        ('{"path": {"a": {"capabilities": ["read"]}}}', [grant("a", "read")]),
        ("# nothing", []),
        ("", []),
    ],
)  # fmt: skip
def test_grants(text: str, expected: list[dict[str, Any]]) -> None:
    assert vault_policies.grants(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('path "a" { capabilities = "sudo" }', "path 'a' has capabilities that are no list"),
        ('path "a" { capabilities = [foo, "read"] }', "line 1 has 'foo'"),
        ('path "a" { capabilities = ["raed"] }', "path 'a' has a capability that Vault does not know: raed"),
        ('path "a" { capabilities = [["read"]] }', "path 'a' has a capability that Vault does not know"),
        ('path "a" { capabilities = ["read", true] }', "path 'a' has a capability that Vault does not know: True"),
        ('path "a" { policy = "root" }', "path 'a' has a policy that is none of"),
        ('path "a" { policy = ["read"] }', "path 'a' has a policy that is none of"),
        ('path "a" { capability = ["deny"] }', "path 'a' has 'capability', which no path has"),
        ('path "a/+*" { capabilities = ["read"] }', "path 'a/+*' has '+*'"),
        ('path = "a"', "path 'path' is no block"),
        ('secret "a" { capabilities = ["read"] }', "'secret' has no place in one"),
    ],
)
def test_what_vault_refuses(text: str, told: str) -> None:
    with pytest.raises(LoadError) as refused:
        vault_policies.grants(text)
    assert told in refused.value.message


def test_a_refused_policy_is_a_problem_of_its_file(write: Write, read: Read) -> None:
    write("team.hcl", 'path "sys/*" {\n  capabilities = "sudo"\n}\n')
    loaded = read()
    assert loaded.addresses == []
    assert loaded.problems == [
        ("team.hcl", "is not a policy that Vault takes: path 'sys/*' has capabilities that are no list")
    ]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.sampled_from('path"{}[]=,/*+\n #capabilitesrdu$\\<'), max_size=60) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(LoadError):
        found = vault_policies.grants(text)
        assert all(isinstance(one["path"], str) and isinstance(one["capabilities"], list) for one in found)
