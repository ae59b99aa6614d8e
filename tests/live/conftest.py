"""A stand-in for AWS (moto) on loopback, and what Terraform really applies to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from scanner.model import Problem
from tests.live.standing import ESTATES, Standing, apply, provider_mirror

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
NOT_STOOD_IN_FOR = {
    "apigateway:GET",
    "ec2:DescribeCapacityReservations",
    "elasticache:DescribeGlobalReplicationGroups",
    "elasticache:DescribeServerlessCaches",
    "elasticfilesystem:DescribeReplicationConfigurations",
    "kafka:ListReplicators",
}
"""What AWS answers and the stand-in does not."""


@contextmanager
def stand_in(log: Path) -> Iterator[str]:
    """A stand-in that nobody else talks to; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out, subprocess.Popen(words, stdout=out, stderr=out) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the stand-in did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the stand-in does not answer")


def told(problems: Iterable[Problem]) -> list[str]:
    """What the audit could not read, but for what the stand-in cannot answer."""
    messages = [one.message for one in problems if one.incomplete]
    return [message for message in messages if message.partition(" failed: ")[0] not in NOT_STOOD_IN_FOR]


def ask(url: str, data: bytes = b"") -> None:
    """Tell the stand-in itself something."""
    request = Request(url, data=data, method="POST", headers={"Content-Type": "text/plain"})  # noqa: S310  # loopback
    urlopen(request).close()  # noqa: S310  # likewise


def environment(endpoint: str) -> dict[str, str]:
    """What the SDK reads, with nothing of the machine's own accounts."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "mock",
        "AWS_SECRET_ACCESS_KEY": "mock",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_REGION": REGION,
        "AWS_MAX_ATTEMPTS": "1",  # what a stand-in cannot do, it cannot do the next time
    }


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand_in(tmp_path_factory.mktemp("moto") / "log") as address:
        yield address


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty account, by the environment of this process."""
    ask(f"{endpoint}/moto-api/reset")
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    for key, value in environment(endpoint).items():
        monkeypatch.setenv(key, value)
    return endpoint


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Standing]]:
    """Fixtures of ours, planned and applied by the real Terraform, all at once; skipped where there is none."""
    mirror = provider_mirror()
    if mirror is None:
        pytest.skip("no terraform with a copy of the AWS provider on this machine")
    top = tmp_path_factory.mktemp("standing")
    with ExitStack() as stack, ThreadPoolExecutor(len(ESTATES)) as pool:
        applied = {}
        for estate in ESTATES:
            folder = estate.copied(ROOT / "fixtures", top)
            address = stack.enter_context(stand_in(folder / "moto.log"))
            given = environment(address) | {f"TF_VAR_{name}": "quartz-Meadow-93-saddle" for name in estate.variables}
            applied[estate.name] = Standing(folder, address), pool.submit(apply, folder, given, mirror)
        for _, ended in applied.values():
            ended.result()
        yield {name: one for name, (one, _) in applied.items()}
