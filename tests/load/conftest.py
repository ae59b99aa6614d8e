"""Loads small files in a temporary folder and keeps everything that came of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct, field

from scanner import load
from scanner.model import Document, Ledger


class Loaded(Struct):
    """All that one call of `load.partitions` gave."""

    partitions: list[tuple[str, list[Document]]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def documents(self) -> list[Document]:
        return [document for _, documents in self.partitions for document in documents]

    @property
    def addresses(self) -> list[str]:
        return [document.origin.address for document in self.documents]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(problem.where, problem.message) for problem in self.ledger.problems]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(base: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def read(base: Path) -> Callable[..., Loaded]:
    def read(*targets: str, excludes: tuple[str, ...] = (), max_bytes: int = 512 << 20) -> Loaded:
        loaded = Loaded()
        options = load.Options(base, excludes, max_bytes)
        for partition in load.partitions(targets or (".",), options, loaded.ledger):
            loaded.partitions.append((partition.name, list(partition.documents)))
        return loaded

    return read
