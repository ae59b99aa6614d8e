"""Mistakes in `govscan.yaml` are told with their line, whatever shape it has."""

from pathlib import Path

import pytest

from scanner import config
from scanner.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("packs: []\n1: 2\n", ":2:1: the file has 1, which is no key"),
        ("packs: []\n? [a]\n: b\n", "is not valid YAML"),
        ("packs: [\n", "is not valid YAML"),
        ("- packs\n", "is not of type 'object'"),
        ("disable: {1: x}\n", ":1:11: disable.1: 'x' is too short"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "govscan.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert said in caught.value.message


def test_an_empty_file_chooses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "govscan.yaml"
    path.write_text("# nothing yet\n")
    assert config.load(path) == config.Config(folder=tmp_path)
