"""Patterns that are compiled later are the same patterns, and nobody else's are touched."""

import datetime as dt
import re
import subprocess
import sys

import pytest

from scanner.patterns import compiled_later, regex


def test_a_later_pattern_finds_what_it_would_have_found() -> None:
    with compiled_later():
        later = re.compile(r"(?i)a(b)?", re.MULTILINE)
    assert [match.group() for match in later.finditer("xAB\na")] == ["AB", "a"]
    assert (later.pattern, later.sub("", "cab"), later.groups) == (r"(?i)a(b)?", "c", 1)


def test_whoever_compiles_afterwards_gets_what_python_gives() -> None:
    before = re.compile
    with pytest.raises(KeyError), compiled_later():
        raise KeyError
    assert re.compile is before
    assert isinstance(re.compile("a"), re.Pattern)
    with compiled_later():
        assert regex("a").fullmatch("a")


def test_pyyaml_reads_the_same_when_its_patterns_are_compiled_later() -> None:
    text = "[2020-01-02, 1.5, 0x1F, 0o17, 1_000, yes, ~, .inf, '2020-01-02', plain]"
    says = "from scanner.load._pyyaml import yaml; print(repr(yaml.load(%r, Loader=yaml.%s)))"
    for loader in ("CSafeLoader", "SafeLoader"):
        done = subprocess.run([sys.executable, "-c", says % (text, loader)], capture_output=True, text=True, check=True)
        plain = says.replace("from scanner.load._pyyaml import yaml", "import yaml") % (text, loader)
        again = subprocess.run([sys.executable, "-c", plain], capture_output=True, text=True, check=True)
        assert done.stdout == again.stdout
        assert repr(dt.date(2020, 1, 2)) in done.stdout
