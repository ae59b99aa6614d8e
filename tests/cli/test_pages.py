"""`govscan policy list`, `show`, `docs`, `inspect --vocabulary`, `schema`: what a reader reads."""

import json
from pathlib import Path

import jsonschema
import pytest

from scanner.authoring.vocabulary import RESOURCE as DOCUMENTED
from scanner.policy import RESOURCE
from tests.cli.command import ROOT, govscan, write_policy

CHOICES = """\
packs: [./ours]
severity: {nameless-secret: critical}
params: {nameless-secret: {words: [db, cache]}}
disable: {nameless-secret: sealed before commit}
"""
SHOWN = """\
nameless-secret  critical  ours
Secret has no proper name

Disabled      in govscan.yaml: sealed before commit
Deprecated    use secret-manifest-in-git instead
Former ids    anonymous-secret
Severity      critical by govscan.yaml; its own is medium
Pack          ours (ours/nameless-secret.yaml)
About         types kubernetes.secret
Applies when  resource.name != ""
Must hold     resource.name in params.words
                else: {resource.name} is none of {params.words}
Parameters    words = ["db", "cache"]  (by govscan.yaml; the default is ["db"])

Why           What has no name cannot be talked about.
Remedy        Give it one of the names we agreed on.
Controls      gdpr/Art.44  Transfers to third countries need a ground

Cases         pass           it has a name (kubernetes_manifest)
              fail           it has none (kubernetes_manifest)

Example: it has none (fail)
  apiVersion: v1
  kind: Secret
  metadata: {name: nobody}

Example: it has a name (pass)
  apiVersion: v1
  kind: Secret
  metadata: {name: db}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_policy(
        tmp_path / "ours",
        "nameless-secret",
        when='resource.name != ""',
        controls=["gdpr/Art.44"],
        aliases=["anonymous-secret"],
        deprecated="use secret-manifest-in-git instead",
    )
    (tmp_path / "govscan.yaml").write_text(CHOICES)
    return tmp_path


@pytest.mark.parametrize("name", ["nameless-secret", "anonymous-secret"])
def test_show_says_all_about_a_policy_with_the_organizations_choices(project: Path, name: str) -> None:
    assert govscan(project, "policy", "show", name).stdout == SHOWN


def test_show_works_for_every_shipped_policy() -> None:
    listed = json.loads(govscan(ROOT, "policy", "list", "--format", "json").stdout)
    assert len(listed) >= 50
    for one in ("accelerator-quota-exceeded", "missing-cost-tags", "plaintext-mesh-traffic"):
        done = govscan(ROOT, "policy", "show", one)
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= 100
        assert "[U+" not in done.stdout


def test_list_marks_what_is_disabled_or_deprecated(project: Path) -> None:
    assert govscan(project, "policy", "list").stdout == (
        "ours\n  critical nameless-secret  Secret has no proper name  (disabled)\n"
    )
    [one] = json.loads(govscan(project, "policy", "list", "--format", "json").stdout)
    assert (one["severity"], one["disabled"], one["deprecated"]) == (
        "critical",
        "sealed before commit",
        "use secret-manifest-in-git instead",
    )


def test_the_pages_of_the_shipped_packs_are_current(tmp_path: Path) -> None:
    assert govscan(ROOT, "policy", "docs", "policies", "--out", str(tmp_path)).returncode == 0
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "docs" / "policies").iterdir()}
    assert [name for name in {*written, *committed} if written.get(name) != committed.get(name)] == [], (
        "run `make docs`"
    )


def test_the_page_of_an_own_pack_says_what_is_deprecated(project: Path) -> None:
    govscan(project, "policy", "docs", "ours", "--out", "pages")
    page = (project / "pages" / "ours.md").read_text()
    assert "> Deprecated: use secret-manifest-in-git instead" in page
    assert "Severity: medium" in page  # the author's, not this organization's


def test_the_page_of_the_vocabulary_is_current() -> None:
    done = govscan(ROOT, "inspect", "--vocabulary")
    assert done.stdout == (ROOT / "docs" / "vocabulary.md").read_text(), "run `make docs`"


def test_every_name_that_a_resource_has_is_documented() -> None:
    assert {f"resource.{name}" for name in DOCUMENTED} == set(RESOURCE)


@pytest.mark.parametrize("name", ["policy", "pack", "test", "config", "result"])
def test_every_schema_is_printed_and_is_one(name: str) -> None:
    printed = json.loads(govscan(ROOT, "schema", name).stdout)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed["$id"].startswith("urn:govscan:schema:")
