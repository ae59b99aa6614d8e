"""Configurations of Vault servers: what is one, what is not, and the line of each setting."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import load, policy, vault_servers
from scanner.errors import LoadError
from scanner.model import Verdict
from scanner.scan import Request, scan
from tests.load.conftest import Loaded

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Loaded]

SERVER = """\
ui = true
disable_mlock = true

listener "tcp" {
  address = "127.0.0.1:8100"
  tls_disable = true
}

listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = "true" # the load balancer has the certificate
}

listener "tcp" {
  address         = "0.0.0.0:8202"
  tls_min_version = "tls11"
}

seal "transit" {
  address = "https://vault.central.example:8200"
  token   = "hvs.CAESIJ7Qk2v9Yx3Zr8Lm4Np6Ws1Tb5Hd"
}

storage "postgresql" {
  ha_enabled = "true"
}
"""


def test_each_setting_is_judged_at_its_line(base: Path, write: Write) -> None:
    write("vault.hcl", SERVER)
    packs = (policy.shipped() / "secrets", policy.shipped() / "mtls")
    result = scan(Request((str(base / "vault.hcl"),), packs, load.Options(base=base)))
    lines = SERVER.split("\n")
    found = {
        one.policy_id: lines[one.origin.line - 1].strip() for one in result.findings if one.verdict is Verdict.FAIL
    }
    assert found == {
        "inline-secret": 'token   = "hvs.CAESIJ7Qk2v9Yx3Zr8Lm4Np6Ws1Tb5Hd"',
        "vault-server-without-tls": 'tls_disable = "true" # the load balancer has the certificate',
        "weak-tls-vault": 'tls_min_version = "tls11"',
        "vault-server-memory-on-disk": "disable_mlock = true",
    }
    assert not any("CAESIJ7Qk2v9Yx3Zr8Lm4Np6Ws1Tb5Hd" in repr(one) for one in result.findings)


def test_what_is_no_server_is_none_of_ours(write: Write, read: Read) -> None:
    listener = 'listener "tcp" {\n  address = "127.0.0.1:8100"\n  tls_disable = true\n}\n'
    write("agent.hcl", 'vault {\n  address = "https://v.example"\n}\nauto_auth {\n}\n' + listener)
    write("boundary.hcl", 'controller {\n}\nlistener "tcp" {\n  purpose = "api"\n}\n')
    write("worker.hcl", 'listener "tcp" {\n  purpose = "proxy"\n}\n')
    write("server.hcl", listener + 'storage "raft" {\n}\n')
    write("next-line.hcl", 'listener "tcp"\n{\n  address = "0.0.0.0:8200"\n}\n')
    loaded = read()
    assert loaded.addresses == ["next-line", "server"]
    assert loaded.problems == []
    assert loaded.ledger.skipped["not infrastructure"] == 3


def test_a_configuration_in_json(base: Path, write: Write) -> None:
    text = """{
  "backend": {"file": {"path": "/vault"}},
  "listener": {"tcp": {"address": "0.0.0.0:8200", "tls_disable": "1"}},
  "max_lease_ttl": "8760h"
}
"""
    write("vault.json", text)
    write("other.json", '{"listener": {"port": 80}}')
    write("broken.json", '{"listener": {}, // a comment\n "backend": {}}')
    packs = (policy.shipped() / "secrets", policy.shipped() / "mtls")
    result = scan(Request((str(base),), packs, load.Options(base=base)))
    assert result.problems == ()
    lines = {one.policy_id: one.origin.line for one in result.findings}
    assert lines == {"vault-server-without-tls": 3, "vault-server-allows-long-leases": 4}


@pytest.mark.parametrize(
    "text",
    [
        '{"listener": [{"tcp": {"address": "0.0.0.0:8200", "tls_disable": 1}}], "storage": {"raft": {"path": "/x"}}}',
        'listener tcp {\n  address = "0.0.0.0:8200"\n  tls_disable = 1\n}\n',
        '"listener" "tcp"\n{\n  address = "0.0.0.0:8200"\n  tls_disable = 1\n}\n',
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["file", "ConfigMap"])
def test_other_ways_to_write_a_server(base: Path, write: Write, text: str, inside: bool) -> None:
    """The Helm chart of Vault writes JSON where its values give the configuration as a structure."""
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vault-config}\ndata:\n  extraconfig-from-values.hcl: |-\n"
    write("vault.yaml", head + indent(text, "    ")) if inside else write("vault.hcl", text)
    result = scan(Request((str(base),), (policy.shipped() / "mtls",), load.Options(base=base)))
    assert result.problems == ()
    assert [one.policy_id for one in result.findings if one.verdict is Verdict.FAIL] == ["vault-server-without-tls"]


def test_json_of_others_in_a_config_map_is_none_of_ours(base: Path, write: Write) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata:\n"
    write(
        "a.yaml",
        head + '  a: \'{"listener": {"port": 80}, "storage": {"path": "/x"}}\'\n  b: \'{"listener": {"storage": \'\n',
    )
    result = scan(Request((str(base),), (policy.shipped() / "mtls",), load.Options(base=base)))
    assert (result.problems, [one for one in result.resources.values() if one.type == "vault.server"]) == ((), [])


def test_a_broken_configuration_is_one_problem(write: Write, read: Read) -> None:
    write("server.hcl", 'listener "tcp" {\n  address = "0.0.0.0:8200"\n  tls_disable = {% x %}\n}\n')
    ((where, told),) = read().problems
    assert where == "server.hcl"
    assert "line 3" in told


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("listener", 1, "tls_disable"), 'tls_disable = "true"'),
        (
            ("listener", 2, "nowhere"),
            'listener "tcp" {\n  address         = "0.0.0.0:8202"\n  tls_min_version = "tls11"\n}',
        ),
        (("ui",), "ui = true"),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_places(path: tuple[str | int, ...], expected: str | None) -> None:
    found = vault_servers.place(SERVER, path)
    assert (SERVER[found.start : found.end] if found else None) == expected


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.sampled_from('listener "tcp"{}[]=,\n #1_dab'), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(LoadError):
        vault_servers.settings(text)
        vault_servers.place(text, ("listener", 0, "address"))


def test_a_broken_configuration_in_a_config_map_is_one_problem(write: Write, base: Path) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vault-config, namespace: vault}\ndata:\n  vault.hcl: |\n"
    write("map.yaml", head + '    listener "tcp" {\n      tls_disable = {{ x }}\n    }\n')
    result = scan(Request((str(base / "map.yaml"),), (policy.shipped() / "mtls",), load.Options(base=base)))
    assert [(one.where, one.message) for one in result.problems] == [
        ("map.yaml: vault/ConfigMap/vault-config", "vault.hcl is not valid HCL: line 2 has { where it cannot be")
    ]
