"""Mistakes in `govscan.yaml` are told with their line, whatever shape it has."""

from pathlib import Path

import pytest

from scanner import checked_yaml, config
from scanner.errors import ConfigError
from tests.cli.command import govscan, write_policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("packs: []\n1: 2\n", ":2:1: 1: is no key; known here: disable, exclude,"),
        ("packs: []\n? [a]\n: b\n", "is not valid YAML"),
        ("packs: [\n", "is not valid YAML"),
        ("- packs\n", "the file must be a map, not a list"),
        ("\tpacks: [cost]\n", "govscan.yaml:1:1: is not valid YAML: found character that cannot start any token"),
        ("params:\n  a: {}\n  b: {}\n  a: {}\n", "govscan.yaml:4:3: 'a' stands here twice; keep one"),
        ("disable: {1: x}\n", ":1:11: disable.1: is too short: 'x'; write 5 characters or more"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "govscan.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert said in caught.value.message


FILES = """\
terraform:
  var_files: [there.tfvars, one.tfvars, two.tfvars]
kubernetes:
  charts:
    there: {values: [there.tfvars, three.yaml]}
    nowhere: {}
"""
NO_FILES = """\
The configuration cannot be used:
{file}:2:29: there is no file 'one.tfvars'; paths are relative to govscan.yaml
{file}:2:41: there is no file 'two.tfvars'; paths are relative to govscan.yaml
{file}:5:36: there is no file 'three.yaml'; paths are relative to govscan.yaml
{file}:6:5: there is no file 'nowhere/Chart.yaml'; paths are relative to govscan.yaml"""


def test_files_that_are_not_there_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "govscan.yaml"
    path.write_text(FILES)
    (tmp_path / "there.tfvars").touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "Chart.yaml").touch()
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert caught.value.message == NO_FILES.format(file=path)


def test_an_empty_file_chooses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "govscan.yaml"
    path.write_text("# nothing yet\n")
    assert config.load(path) == config.Config(folder=tmp_path, file=path)


MANY = """\
packs:
  - cost
  - secrets
  - ./our
  - mtsl
params:
  secret-manifests-in-git: {words: 1}
  workload-without-cost-labels:
    requird: {}
    required: [team]
  nameless-secret: {word: [db]}
severity:
  workload-without-cost-lables: low
  plaintext-mesh-traffic: low
  accelerator-quota-exceeded: low
disable:
  "entirely-made-up": because
"""
ALL = """\
:4:5: there is no pack './our': neither a shipped pack nor a folder with a pack.yaml; did you mean './ours'?
:5:5: there is no pack 'mtsl': neither a shipped pack nor a folder with a pack.yaml; did you mean 'mtls'?
:7:3: there is no policy 'secret-manifests-in-git' in the chosen packs; did you mean 'secret-manifest-in-git'?
:9:5: the policy workload-without-cost-labels has no parameter 'requird'; did you mean 'required'?
:10:5: the policy workload-without-cost-labels needs map(string, dyn) as parameter 'required', not list(string)
:13:3: there is no policy 'workload-without-cost-lables' in the chosen packs; did you mean 'workload-without-cost-labels'?
:17:3: there is no policy 'entirely-made-up' in the chosen packs
"""
"""What may be a policy of a pack whose name is mistyped is not called a mistake."""


def told(folder: Path, text: str) -> str:
    """What the command says of a configuration, without the file's name."""
    path = folder / "govscan.yaml"
    path.write_text(text)
    done = govscan(folder, "policy", "list")
    assert (done.returncode, done.stdout) == (2, "")
    head, *lines, hint = done.stderr.splitlines()
    assert hint == "  hint: Correct each line above and run again."
    return "".join(f"{line.removeprefix(str(path))}\n" for line in [head.removeprefix("govscan: "), *lines])


def test_every_mistake_about_packs_ids_and_parameters_is_told_at_once(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret")
    assert told(tmp_path, MANY) == f"The configuration cannot be used:\n{ALL}"


def test_a_policy_of_a_pack_that_is_not_chosen_is_told_with_its_pack(tmp_path: Path) -> None:
    said = told(tmp_path, "packs: [secrets]\ndisable: {accelerator-quota-exceeded: we have none}\n")
    assert (
        ":2:11: there is no policy 'accelerator-quota-exceeded' in the chosen packs; it is in the pack 'accelerators'"
        in said
    )


def test_mistakes_in_a_pack_and_in_its_settings_are_told_together(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", aliases=["anonymous-secret"])
    write_policy(tmp_path / "ours", "broken", severity="huge")
    said = told(
        tmp_path, "packs: [./ours]\nseverity: {broken: low}\nparams: {anonymous-secret: {word: [], words: a}}\n"
    )
    head, broken, word, words = said.splitlines()
    assert head == "The policies cannot be used:"
    assert broken.startswith("ours/broken.yaml:") or "/ours/broken.yaml:" in broken
    assert word == ":3:29: the policy anonymous-secret has no parameter 'word'; did you mean 'words'?"
    assert words == ":3:39: the policy anonymous-secret needs list(string) as parameter 'words', not string"


def test_inspecting_names_a_pack_that_is_nowhere_as_well(tmp_path: Path) -> None:
    (tmp_path / "govscan.yaml").write_text("packs: [secrets, mtsl]\n")
    done = govscan(tmp_path, "inspect", ".")
    assert (done.returncode, done.stdout) == (2, "")
    assert "govscan.yaml:1:18: there is no pack 'mtsl'" in done.stderr


def test_a_policy_is_not_named_twice_under_two_of_its_names(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret", aliases=["anonymous-secret"])
    said = told(tmp_path, "packs: [./ours]\nseverity:\n  anonymous-secret: low\n  nameless-secret: high\n")
    assert said.endswith(
        ":4:3: 'nameless-secret' is the same policy as 'anonymous-secret', which stands here already\n"
    )


@pytest.mark.parametrize("name", ["x" * 5000, "../" * 50, "a\\0b", "/", "//", "[*]"])
def test_a_strange_pack_name_is_one_mistake(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, f'packs: [secrets, "{name}"]\n').count("there is no pack") == 1


@pytest.fixture
def spared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that was right once, while nothing may be held against a schema any more."""
    monkeypatch.setenv("GOVSCAN_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "govscan.yaml"
    path.write_text("packs: [cost]\nexclude: [old/]\n")
    config.load(path)
    monkeypatch.setattr(checked_yaml, "_validator", None)
    return path


def test_one_that_was_right_is_not_checked_again(spared: Path) -> None:
    assert config.load(spared).exclude == ("old/",)
    spared.write_text("# the same\npacks: [cost]\nexclude: [old/]\n")
    assert config.load(spared).packs == ("cost",)


def test_one_that_has_changed_is_checked(spared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("GOVSCAN_CACHE", str(spared.parent / "cache"))
    for _ in range(2):  # a wrong one is not remembered
        spared.write_text("packs: [cost]\nexclude: old/\n")
        with pytest.raises(ConfigError, match=r"govscan\.yaml:2:1: exclude: must be a list"):
            config.load(spared)
    assert [path.read_bytes()[64:] for path in (spared.parent / "cache").iterdir()] == [b"right"]


def test_what_others_could_have_written_does_not_make_it_right(spared: Path) -> None:
    (spared.parent / "cache").chmod(0o777)
    with pytest.raises(TypeError):  # it asks for the checker that the fixture has taken away
        config.load(spared)
