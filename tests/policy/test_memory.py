"""What is remembered of packs: it spares work, changes nothing, and is believed only where nobody else can write."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import cache_files, cel, checked_yaml, load, policy, scan
from scanner.cel.stored import restore, store
from scanner.errors import PolicyError
from tests.cel.test_agreement import ENVIRONMENT, truths

MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {team: fraud}}
"""
POLICY = """
id: team-is-known
title: Somebody unknown owns this
severity: high
family: tests
match: {types: ["kubernetes.config_map"]}
params: {teams: [fraud, ml]}
validations:
  - expression: resource.tags.team in params.teams && params.teams.exists(t, t != 'nobody')
    message: "owned by {resource.tags.team}"
rationale: Because the test says that it matters.
remediation: Make it good.
controls: []
"""

Scan = Callable[..., list[str]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache" / "govscan"
    monkeypatch.setenv("GOVSCAN_CACHE", str(folder))
    return folder


@pytest.fixture
def run(tmp_path: Path, cache: Path) -> Scan:
    """Scans a config map with a pack of one policy; the verdicts."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "pack.yaml").write_text("name: pack\n")
    (pack / "team-is-known.yaml").write_text(POLICY)
    (tmp_path / "map.yaml").write_text(MANIFEST)

    def run(**params: Any) -> list[str]:
        chosen = policy.Settings(params={"team-is-known": params})
        request = scan.Request((str(tmp_path / "map.yaml"),), (pack,), load.Options(base=tmp_path), chosen)
        return [str(verdict) for verdict in scan.scan(request).tallies["team-is-known"]]

    return run


def refuse(*_: object) -> None:
    raise AssertionError("this was to be remembered")


@pytest.fixture
def spared(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on nothing may be parsed, checked or compiled."""

    def spared() -> None:
        monkeypatch.setattr(checked_yaml, "read", refuse)
        monkeypatch.setattr(checked_yaml, "check", refuse)
        monkeypatch.setattr(cel.Environment, "compile", refuse)

    return spared


def test_an_unchanged_pack_is_neither_parsed_nor_checked_nor_compiled(run: Scan, spared: Callable[[], None]) -> None:
    assert run() == ["pass"]
    spared()
    assert run() == ["pass"]


def test_a_failing_policy_still_says_what_broke_it(run: Scan, tmp_path: Path, spared: Callable[[], None]) -> None:
    (tmp_path / "map.yaml").write_text(MANIFEST.replace("fraud", "somebody"))
    assert run() == ["fail"]
    spared()
    assert run() == ["fail"]


def test_a_changed_parameter_is_not_the_remembered_one(run: Scan) -> None:
    assert run() == ["pass"]
    assert run(teams=["ml"]) == ["fail"]
    assert run() == ["pass"]


def test_a_changed_policy_is_not_the_remembered_one(run: Scan, tmp_path: Path) -> None:
    assert run() == ["pass"]
    (tmp_path / "pack" / "team-is-known.yaml").write_text(POLICY.replace("[fraud, ml]", "[ml]"))
    assert run() == ["fail"]


def test_a_pack_with_a_mistake_is_not_remembered(run: Scan, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "pack" / "team-is-known.yaml").write_text(POLICY.replace("resource.tags", "resource.tag"))
    for _ in range(2):
        with pytest.raises(PolicyError, match="tag"):
            run()
    assert not cache.exists()


def test_another_version_of_govscan_does_not_read_it(run: Scan, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr("scanner.policy.memory.__version__", "99.0")
    assert run() == ["pass"]
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"\0" * 500, b"{}", b"a" * 64 + b'{"bodies": {}, "programs": {}}'])
def test_a_damaged_file_is_as_good_as_none(run: Scan, cache: Path, damage: bytes) -> None:
    run()
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert run() == ["pass"]
    assert len(file.read_bytes()) > 500


@pytest.mark.parametrize(
    "strange", ["[]", '{"bodies": 1, "programs": []}', '{"bodies": {}}', '{"bodies": {}, "programs": {"x": 1}}']
)
def test_a_file_of_another_shape_is_as_good_as_none(run: Scan, cache: Path, strange: str) -> None:
    run()
    rewrite(cache, strange.encode())
    assert run() == ["pass"]


def test_a_tree_that_is_none_is_compiled_again(run: Scan, cache: Path) -> None:
    run()
    data = contents(cache)
    data["programs"] = {key: ["bool", ["const", 0, "code", "import os"]] for key in data["programs"]}
    rewrite(cache, orjson.dumps(data))
    assert run() == ["pass"]


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("mode", [0o666, 0o660, 0o777])
def test_what_others_may_write_is_not_believed(run: Scan, cache: Path, what: str, mode: int) -> None:
    run()
    poison(cache)
    assert run() == ["fail"], "the poison works where it is believed"
    (file,) = cache.iterdir()
    (file if what == "file" else cache).chmod(mode | (0o100 if what == "folder" else 0))
    assert run() == ["pass"]


def test_what_belongs_to_somebody_else_is_not_believed(run: Scan, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    poison(cache)
    before = contents(cache)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert run() == ["pass"]
    assert contents(cache) == before


def test_a_link_is_not_followed(run: Scan, cache: Path, tmp_path: Path) -> None:
    run()
    poison(cache)
    (file,) = cache.iterdir()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert run() == ["pass"]


def test_a_folder_that_cannot_be_written_changes_nothing(run: Scan, tmp_path: Path, cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert run() == ["pass"]


def test_only_the_user_may_look_into_it_and_it_can_be_switched_off(
    run: Scan, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVSCAN_CACHE", "off")
    run()
    assert not cache.exists()
    monkeypatch.delenv("GOVSCAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parent))
    run()
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in cache.iterdir()} == {0o600}


def test_it_does_not_grow_without_end(run: Scan, cache: Path) -> None:
    for number in range(20):
        run(teams=["fraud", f"team-{number}"])
    assert len(list(cache.iterdir())) == 16


@settings(max_examples=200, deadline=None)
@given(truths(2))
def test_a_stored_program_comes_back_the_same(text: str) -> None:
    program = ENVIRONMENT.compile(text)
    assert restore(text, orjson.loads(orjson.dumps(store(program)))) == program


@pytest.mark.parametrize("text", ["r.any == 1u", "r.any == b'\\xff'", "r.any == 1e308", "type(r.any) == int", "{'a': r.n} == {?'a': r.any.?a}", "[?r.any.?a] == []"])  # fmt: skip
def test_every_literal_comes_back_the_same(text: str) -> None:
    program = ENVIRONMENT.compile(text)
    assert restore(text, orjson.loads(orjson.dumps(store(program)))) == program


JSON = st.recursive(
    st.sampled_from(["const", "call", "ident", "plain", "loop", "x", 0, 1, True, None, 1.5]),
    lambda inner: st.lists(inner, max_size=7),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_arbitrary_data_makes_a_program_or_a_value_error(data: Any) -> None:
    try:
        program = restore("text", data)
    except ValueError:
        return
    assert isinstance(program, cel.Program)


def contents(cache: Path) -> Any:
    (file,) = cache.iterdir()
    return orjson.loads(file.read_bytes()[64:])


def rewrite(cache: Path, content: bytes) -> None:
    """As govscan would write it: with the digest that it checks."""
    (file,) = cache.iterdir()
    file.write_bytes(hashlib.sha256(content).hexdigest().encode() + content)


def poison(cache: Path) -> None:
    """Make every expression false."""
    data = contents(cache)
    false = ["bool", ["const", 0, "plain", False]]
    data["programs"] = dict.fromkeys(data["programs"], false)
    rewrite(cache, orjson.dumps(data))


def test_what_govscans_code_says_below_a_folder_counts_and_what_python_keeps_of_it_does_not(tmp_path: Path) -> None:
    (tmp_path / "kubernetes" / "__pycache__").mkdir(parents=True)
    code = tmp_path / "kubernetes" / "lists.py"
    code.write_text("one = 1\n")
    before = cache_files.state(tmp_path)
    (code.parent / "__pycache__" / "lists.pyc").write_bytes(b"compiled")
    assert cache_files.state(tmp_path) == before
    code.write_text("one = 11\n")
    assert cache_files.state(tmp_path) != before
