"""Makes a pack of copies of the shipped policies, each with an id of its own, to measure what more policies cost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "policies"
PACK = "title: Generated\ndescription: Copies of shipped policies, to measure what they cost.\n"


def write_pack(folder: Path, *, policies: int) -> Path:
    """Write a pack that makes so many policies together with the shipped ones, and a configuration that has both."""
    shipped = list(files())
    copied = itertools.cycle(path for path in shipped if "\nmeasure:" not in path.read_text(encoding="utf-8"))
    generated = folder / "generated"
    generated.mkdir(parents=True)
    (generated / "pack.yaml").write_text(PACK, encoding="utf-8")
    for number, path in zip(range(policies - len(shipped)), copied, strict=False):
        name = f"generated-{number}-{path.stem}"
        text = re.sub(r"(?m)^id: .*$", f"id: {name}", path.read_text(encoding="utf-8"))
        without_aliases = re.sub(r"(?m)^aliases:.*\n(?:[ -].*\n)*", "", text)
        (generated / f"{name}.yaml").write_text(without_aliases, encoding="utf-8")
    packs = [*sorted({path.parent.name for path in shipped}), "generated"]
    configuration = folder / "govscan.yaml"
    configuration.write_text(f"packs: [{', '.join(packs)}]\n", encoding="utf-8")
    return configuration


def files() -> Iterator[Path]:
    """The files of the shipped policies."""
    for pack in sorted(SHIPPED.glob("*/pack.yaml")):
        found = sorted(pack.parent.glob("*.yaml"))
        yield from (path for path in found if path != pack and not path.name.endswith(".test.yaml"))
