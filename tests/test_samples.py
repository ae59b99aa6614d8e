"""The committed samples are what the fixtures give today."""

import pytest

from tests.tools.samples import ROOT, samples


def test_the_committed_samples_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    stale = [path.name for path, content in samples().items() if not path.exists() or path.read_bytes() != content]
    assert stale == [], "run `make samples`, look at reports/, and commit them"
