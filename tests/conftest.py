"""What every test may ask for."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("GOVSCAN_CACHE", "off")  # tests of the cache make their own, and the user's stays as it is
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Real inputs written by others; tests that want them skip where they are absent."""
    folder = Path(os.environ.get("GOVSCAN_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}")
    return folder
