"""A platform team's whole Vault, judged from every source that may show it: all verdicts, not failures alone.

No Vault provider is at hand, so plan and state are made here from what the configuration says, in the shapes that
Terraform writes: a plan names every argument of a type, a state holds what Vault answers, zeros for what is not set.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner import load, policy
from scanner._trial_plan import expand
from scanner.model import Ledger, ScanResult, Unknown, Verdict
from scanner.scan import Request, scan

Verdicts = Mapping[tuple[str, str], str]
"""Address and policy to the verdict; without what is not applicable."""

GRANTS = tuple(
    path.stem for path in policy.files(policy.shipped() / "secrets") if path.stem.startswith("vault-policy-")
)
ANSWERED = dict.fromkeys(("token_ttl", "token_max_ttl", "token_period", "token_explicit_max_ttl", "token_num_uses"), 0)


def scanned(
    *targets: Path, base: Path, choices: load.Terraform | None = None, only: tuple[str, ...] = ()
) -> ScanResult:
    options = load.Options(base=base, terraform=choices or load.Terraform())
    packs = tuple(policy.packs(policy.shipped()))
    return scan(Request(tuple(map(str, targets)), packs, options, policy.Settings(only=only)))


def verdicts(result: ScanResult) -> Verdicts:
    assert result.problems == ()
    return {
        (uid.partition("#")[2], policy_id): verdict.value
        for policy_id, tally in result.tallies.items()
        for verdict, uids in tally.items()
        for uid in uids
        if verdict is not Verdict.NOT_APPLICABLE
    }


@pytest.fixture(scope="module")
def platform(root: Path) -> Path:
    return root / "fixtures" / "vault" / "platform"


@pytest.fixture(scope="module")
def choices(platform: Path) -> load.Terraform:
    return load.Terraform("", (("ci_authority", (platform / "ci-authority.pem").read_text()),))


@pytest.fixture(scope="module")
def resources(platform: Path, choices: load.Terraform) -> list[Mapping[str, Any]]:
    """The bodies of all resources, as the configuration says them."""
    options = load.Options(base=platform, terraform=choices)
    files = [str(file) for file in platform.glob("*.tf")]
    documents = (one for part in load.partitions(files, options, Ledger()) for one in part.documents)
    return [one.body for one in documents if one.dialect == "terraform" and one.body["mode"] == "managed"]


def known(value: Any, path: str, unknown: list[str]) -> Any:
    """The value as a plan writes it, where what is not known is missing and marked."""
    if isinstance(value, Unknown):
        unknown.append(path)
        return None
    if isinstance(value, Mapping):
        return {key: known(one, f"{path}.{key}" if path else key, unknown) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [known(one, f"{path}.{index}", unknown) for index, one in enumerate(value)]
    return value


def entries(resources: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    arguments: dict[str, dict[str, None]] = defaultdict(dict)
    for body in resources:
        arguments[body["type"]] |= dict.fromkeys(body["values"])
    for body in resources:
        unknown: list[str] = []
        values = known(body["values"], "", unknown)
        written = {key: one.get("references") for key, one in body["expressions"].items() if isinstance(one, Mapping)}
        yield {
            "address": f"{body['type']}.{body['name']}",
            "values": {**arguments[body["type"]], **values},
            "unknown": unknown,
            "references": {key: found for key, found in written.items() if found},
        }


@pytest.fixture(scope="module")
def seen(
    platform: Path,
    resources: list[Mapping[str, Any]],
    choices: load.Terraform,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Verdicts]:
    base = tmp_path_factory.mktemp("vault")
    found = list(entries(resources))
    (base / "plan.json").write_text(json.dumps(expand({"resources": found})))
    (base / "terraform.tfstate").write_text(json.dumps(state(found)))
    written = scanned(*platform.glob("*.tf"), base=platform, choices=choices)
    plan, standing = (verdicts(scanned(base / name, base=base)) for name in ("plan.json", "terraform.tfstate"))
    return {"configuration": verdicts(written), "plan": plan, "state": standing}


def state(found: list[dict[str, Any]]) -> dict[str, Any]:
    def instance(entry: dict[str, Any]) -> dict[str, Any]:
        kind, _, name = entry["address"].partition(".")
        answered = ANSWERED if any(key.startswith("token_") for key in entry["values"]) else {}
        attributes = answered | {
            key: one for key, one in entry["values"].items() if one is not None or key not in answered
        }
        provider = 'provider["registry.terraform.io/hashicorp/vault"]'
        shape = {"schema_version": 0, "attributes": attributes}
        return {"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [shape]}

    head = {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "8d2c", "outputs": {}}
    return {**head, "resources": [instance(entry) for entry in found]}


@pytest.mark.parametrize("source", ["plan", "state"])
def test_plan_and_state_have_the_verdicts_of_the_configuration(seen: Mapping[str, Verdicts], source: str) -> None:
    assert len(seen["configuration"]) > 100
    assert seen[source] == seen["configuration"]


def test_every_policy_has_the_verdicts_of_its_file(platform: Path) -> None:
    files = verdicts(scanned(platform / "policies", base=platform, only=GRANTS))
    blocks = verdicts(scanned(*platform.glob("*.tf"), base=platform, only=GRANTS))
    written = {(address.removeprefix("vault_policy."), one): verdict for (address, one), verdict in blocks.items()}
    assert len(files) == len(GRANTS) * 7
    assert set(files.values()) == {"pass", "fail", "unknown"}
    assert written == files


def test_every_verdict_is_the_one_that_was_read_by_hand(platform: Path) -> None:
    """Without a value for the variable that has none, and with the files beside the configuration."""
    expected = ryaml.loads((platform / "verdicts.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (address, policy_id), verdict in sorted(verdicts(scanned(platform, base=platform)).items()):
        found[address][verdict].append(policy_id)
    assert {address: dict(of_verdict) for address, of_verdict in found.items()} == expected


def test_each_finding_stands_at_the_value_that_decided(platform: Path) -> None:
    result = scanned(platform, base=platform)
    found = {(one.policy_id, one.resource_uid.partition("#")[2]): one for one in result.findings}

    def line(policy_id: str, address: str) -> str:
        place = found[policy_id, address]
        return str(place.frame.lines[place.origin.line - place.frame.first_line]).strip() if place.frame else ""

    assert (
        line("vault-token-lives-too-long", "vault_kubernetes_auth_backend_role.notebooks")
        == "token_period                     = 3600"
    )
    assert (
        line("vault-credential-lives-too-long", "vault_database_secret_backend_role.reports")
        == "max_lease_ttl_seconds = 7776000"
    )
    assert line("vault-login-for-any-cloud-identity", "vault_aws_auth_backend_role.edge").startswith(
        "bound_iam_principal_arns"
    )
    assert line("vault-login-for-any-token-of-issuer", "vault_jwt_auth_backend_role.previews") == "bound_claims = {"
    assert line("vault-audit-log-shows-secrets", "vault_audit.debug") == 'log_raw   = "true"'
    assert line("vault-policy-reads-every-secret", "etl") == 'capabilities = ["read", "list"]'
    assert line("vault-policy-grants-sudo", "support") == 'capabilities = ["list", "sudo"]'
