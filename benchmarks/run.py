"""Measures govscan as ratios in one run, against a floor (an interpreter that does nothing, parsing alone) and a peer.

    make bench                              every benchmark; the peer is installed in its own environment on first use
    python benchmarks/run.py --no-peer      without the peer
    python benchmarks/run.py --corpora DIR  where the Kubeflow manifests are (kubeflow-manifests.tar.gz)

Absolute times depend on the machine and are printed only so that a ratio can be judged. Each command runs several
times; the fastest run counts, because everything slower is noise from outside.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plans import write_plan

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".bench" / "checkov"
MANIFEST = ROOT / "benchmarks" / "one-manifest.yaml"


@dataclass(frozen=True)
class Run:
    """The fastest of several runs of one command."""

    seconds: float
    megabytes: float


def fastest(command: Sequence[str], times: int) -> Run:
    """Run a command `times` times, in a child process each, whatever it exits with."""
    return min((once(command) for _ in range(times)), key=lambda run: run.seconds)


def once(command: Sequence[str]) -> Run:
    """One run: wall clock, and the peak memory of that process."""
    start = time.perf_counter()
    peak = subprocess.run([sys.executable, "-S", "-c", _WATCH, *command], capture_output=True, text=True, check=True)
    return Run(time.perf_counter() - start - _OVERHEAD, int(peak.stdout) / 1024)


def measure_overhead() -> float:
    """What `once` itself costs: the interpreter that watches."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-S", "-c", "import resource,subprocess,sys"], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


_OVERHEAD = 0.0
_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def row(what: str, ours: Run, other: str, theirs: Run) -> None:
    """One line of the table."""
    ratio = theirs.seconds / ours.seconds
    said = f"{ratio:.1f}x faster" if ratio >= 1 else f"{1 / ratio:.1f}x its time"
    figures = [f"{run.seconds:.3f} s, {run.megabytes:.0f} MB" for run in (ours, theirs)]
    print(f"| {what} | {figures[0]} | {other} | {figures[1]} | {said} |")


def peer() -> str | None:
    """Checkov's command, installed on first use; None where that fails."""
    command = PEER / "bin" / "checkov"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        done = subprocess.run([str(PEER / "bin" / "pip"), "install", "-q", "checkov"], check=False)
        if done.returncode:
            return None
    return str(command)


def main() -> None:
    """Run every benchmark that this machine can run."""
    global _OVERHEAD  # noqa: PLW0603  # measured once, before everything else
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--no-peer", action="store_true")
    options.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    given = options.parse_args()
    _OVERHEAD = measure_overhead()
    checkov = None if given.no_peer else peer()
    print("| work | govscan | against | its figure | ratio |\n|---|---|---|---|---|")
    one_manifest(checkov)
    with tempfile.TemporaryDirectory() as folder:
        kubeflow(given.corpora / "manifests" / "kubeflow-manifests.tar.gz", Path(folder), checkov)
        big_plan(Path(folder))


def one_manifest(checkov: str | None) -> None:
    """The pre-commit moment: one small manifest, cold."""
    ours = fastest(govscan(MANIFEST), 7)
    row("one manifest, cold", ours, "`python -c pass`", fastest([sys.executable, "-c", "pass"], 7))
    if checkov:
        row("one manifest, cold", ours, "Checkov", fastest(checkov_on("-f", MANIFEST, checkov), 3))


def kubeflow(archive: Path, folder: Path, checkov: str | None) -> None:
    """The gate on a large repository: a whole Kubeflow distribution."""
    if not archive.is_file():
        print(f"no {archive}: skipped", file=sys.stderr)
        return
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "kubeflow", filter="data")
    ours = fastest(govscan(folder / "kubeflow"), 3)
    row("Kubeflow distribution", ours, "`ryaml` alone", fastest(script("parse_yaml.py", folder / "kubeflow"), 3))
    if checkov:
        row("Kubeflow distribution", ours, "Checkov", once(checkov_on("-d", folder / "kubeflow", checkov)))


def big_plan(folder: Path) -> None:
    """The gate on a large estate: a 60 MB plan of 15,000 resources."""
    plan = folder / "plan.json"
    write_plan(plan, resources=15_000, megabytes=60)
    row(
        "60 MB plan, 15,000 resources",
        fastest(govscan(plan), 3),
        "`orjson.loads` alone",
        fastest(script("parse_json.py", plan), 3),
    )


def govscan(target: Path) -> list[str]:
    """The command as a user runs it."""
    return [str(Path(sys.executable).parent / "govscan"), "scan", str(target)]


def checkov_on(flag: str, target: Path, command: str) -> list[str]:
    """Checkov with everything that talks to a network or prints at length turned off."""
    return [command, flag, str(target), "--quiet", "--compact", "--skip-download", "--framework", "kubernetes"]


def script(name: str, target: Path) -> list[str]:
    """One of the floors beside this file."""
    return [sys.executable, str(ROOT / "benchmarks" / name), str(target)]


if __name__ == "__main__":
    main()
