"""What a scan takes on trust about the packs govscan ships (docs/decisions/0005) is proved here."""

from pathlib import Path

import pytest

from scanner import analyze, load, normalize, policy, scan
from scanner.errors import PolicyError
from scanner.model import Policy

VOCABULARY = policy.Vocabulary(
    {name: field.type for name, field in analyze.vocabulary().items()}, normalize.vocabulary()
)


@pytest.fixture(scope="module")
def checked() -> tuple[Policy, ...]:
    """Every shipped policy, held against the schema and compiled as a whole; raises if one has a mistake."""
    return policy.load(policy.packs(policy.shipped()), VOCABULARY, policy.Settings(), trust_shipped=False)


def test_every_expression_of_every_shipped_policy_compiles(checked: tuple[Policy, ...]) -> None:
    trusted = policy.load(policy.packs(policy.shipped()), VOCABULARY, policy.Settings())
    assert [one.id for one in trusted] == [one.id for one in checked]
    for ours, theirs in zip(trusted, checked, strict=True):
        texts = [program.text for program in scan.programs(theirs)]
        assert [program.text for program in scan.programs(ours)] == texts
        assert [program.reads for program in scan.programs(ours)] == [one.reads for one in scan.programs(theirs)]


def test_the_facts_named_in_the_texts_hold_all_that_are_read(checked: tuple[Policy, ...]) -> None:
    for one in checked:
        read = {
            path.split(".")[1] for program in scan.programs(one) for path in program.reads if path.startswith("facts.")
        }
        assert read <= set(scan.facts_read([one]))


def test_a_pack_from_elsewhere_is_compiled_at_once(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("id: mine\ntitle: Mine\n")
    source = policy.shipped() / "mtls" / "mesh-port-exception.yaml"
    (tmp_path / source.name).write_text(source.read_text().replace("facts.mesh_mtls.mode", "facts.mesh_mtls.moode"))
    request = scan.Request((".",), (tmp_path,), load.Options(base=tmp_path))
    with pytest.raises(PolicyError, match="moode"):
        scan.policies_of(request)
