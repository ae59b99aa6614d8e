"""Writes reports/: one committed sample of every report format, from a scan of the fixtures.

`make samples` runs it; `tests/test_samples.py` compares. The samples are golden files and the README's gallery at once.
"""

import sys
from pathlib import Path

from scanner import load, policy, registry, report
from scanner.model import ScanResult
from scanner.scan import Request, scan

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS = ("fixtures/terraform", "fixtures/kubernetes", "fixtures/gcp")


def result() -> ScanResult:
    """The scan that `make demo` makes; the working folder must be the repository's root."""
    packs = tuple(policy.packs(policy.shipped()))
    return scan(Request(TARGETS, packs, load.Options(base=ROOT)))


def samples() -> dict[Path, bytes]:
    """Where each sample is kept, and what it must be."""
    scanned = result()
    return {
        ROOT / "reports" / f"sample{registry.module('scanner.report', name).EXTENSION}": report.render(name, scanned)
        for name in report.formats()
    }


if __name__ == "__main__":
    for path, content in samples().items():
        path.write_bytes(content)
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
