"""Measures govscan as ratios in one run, against a floor (an interpreter that does nothing, parsing alone) and a peer.

    make bench                              every benchmark; the peer is installed in its own environment on first use
    python benchmarks/run.py --no-peer      without the peer
    python benchmarks/run.py --corpora DIR  where the Kubeflow manifests are (manifests/kubeflow-manifests.tar.gz)
    python benchmarks/run.py --only NAME    one: one_manifest kubeflow big_plan configuration judging admissions account

What counts is processor time (user and system), of the fastest of several runs: it depends little on what else the
machine does, and a ratio of two such times hardly at all. Memory is the peak of the largest process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from configurations import SOUND_TAGS, write_configuration
from plans import SOUND, write_plan

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks"
PEER = ROOT / ".bench" / "checkov"
MANIFEST = HERE / "one-manifest.yaml"
STAND_IN = {
    "AWS_ACCESS_KEY_ID": "mock",
    "AWS_SECRET_ACCESS_KEY": "mock",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_MAX_ATTEMPTS": "1",
}
"""How the SDK signs in where nobody checks."""
CONFIGURATIONS = ("terraform-aws-s3-bucket", "terraform-aws-vpc", "terragoat", "infracost-aws")
"""Real ones, by their names in the folder of real inputs."""

_WATCH = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.returncode]))
"""
_CRASHED = frozenset({2, *range(5, 256)})
"""Exit codes of a command that did not do its work; the others say what was found."""


@dataclass(frozen=True)
class Run:
    """One run of a command: its processor time, and the peak memory of its largest process."""

    seconds: float
    megabytes: float


class Bench:
    """Runs commands with their byte code compiled, as an installed program has it, whatever the environment says.

    What govscan remembers of its packs is kept between the runs, unless `remembered` is "off".
    """

    def __init__(self, cache: Path, remembered: str = "") -> None:
        self._environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environment |= {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONPATH": str(ROOT)}
        self._environment["GOVSCAN_CACHE"] = remembered or str(cache / "govscan")

    def use(self, more: Mapping[str, str]) -> None:
        """Let commands see more of an environment."""
        self._environment |= more

    def fastest(self, command: Sequence[str], times: int) -> Run:
        """The fastest of several runs, after one that only warms up where there are several."""
        runs = [self._once(command) for _ in range(times + (times > 1))]
        return min(runs[times > 1 :], key=lambda run: run.seconds)

    def output(self, command: Sequence[str]) -> str:
        """What a command prints."""
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self._environment)
        if done.returncode in _CRASHED:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def _once(self, command: Sequence[str]) -> Run:
        seconds, megabytes, code = json.loads(self.output([sys.executable, "-S", "-c", _WATCH, *command]))
        if code in _CRASHED:
            raise RuntimeError(f"{' '.join(command)} ended with {code}")
        return Run(seconds, megabytes)


def row(what: str, ours: Run, other: str, theirs: Run) -> None:
    """One line of the table."""
    ratio = theirs.seconds / ours.seconds
    said = f"{ratio:.1f}x faster" if ratio >= 1 else f"{1 / ratio:.1f}x its time"
    figures = [f"{run.seconds:.3f} s, {run.megabytes:.0f} MB" for run in (ours, theirs)]
    print(f"| {what} | {figures[0]} | {other} | {figures[1]} | {said} |", flush=True)


def peer() -> str | None:
    """Checkov's command, installed on first use; None where that fails."""
    command = PEER / "bin" / "checkov"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        done = subprocess.run([str(PEER / "bin" / "pip"), "install", "-q", "checkov"], check=False)
        if done.returncode:
            print("Checkov cannot be installed: measuring without it", file=sys.stderr)
            return None
    return str(command)


def main() -> None:
    """Run every benchmark that this machine can run."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--no-peer", action="store_true", help="do not measure Checkov")
    options.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora", help="real inputs")
    options.add_argument("--only", default="", metavar="NAME", help="one benchmark: the name of its function")
    given = options.parse_args()
    checkov = None if given.no_peer else peer()
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors\n")
    print("| work | govscan | against | its figure | ratio |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(folder / "bytecode")
        archive = given.corpora / "manifests" / "kubeflow-manifests.tar.gz"
        benchmarks: dict[str, Callable[[], None]] = {
            "one_manifest": lambda: one_manifest(bench, Bench(folder / "bytecode", "off"), checkov),
            "kubeflow": lambda: kubeflow(bench, archive, folder, checkov),
            "big_plan": lambda: big_plan(bench, folder),
            "configuration": lambda: configuration(bench, given.corpora, folder, checkov),
            "judging": lambda: judging(bench, archive, folder),
            "admissions": lambda: admissions(bench),
            "account": lambda: account(bench, folder),
        }
        for what, measure in benchmarks.items():
            if given.only in {"", what}:
                measure()


def one_manifest(bench: Bench, forgetful: Bench, checkov: str | None) -> None:
    """The pre-commit moment: one small manifest, cold."""
    ours = bench.fastest(govscan(MANIFEST), 11)
    floor = bench.fastest([sys.executable, "-c", "pass"], 11)
    row("one manifest, cold", ours, "`python -c pass`", floor)
    row("the same, nothing remembered", forgetful.fastest(govscan(MANIFEST), 11), "`python -c pass`", floor)
    if checkov:
        row("one manifest, cold", ours, "Checkov", bench.fastest(checkov_on("-f", MANIFEST, checkov), 3))


def kubeflow(bench: Bench, archive: Path, folder: Path, checkov: str | None) -> None:
    """The gate on a large repository: a whole Kubeflow distribution, read as it is, and with what kubectl builds."""
    if not distribution(archive, folder / "kubeflow"):
        return
    ours = bench.fastest(govscan(folder / "kubeflow"), 5)
    alone = bench.fastest(script("parse_yaml.py", folder / "kubeflow"), 5)
    row("Kubeflow distribution, as it is", ours, "`ryaml` alone", alone)
    rendered = bench.fastest(govscan(folder / "kubeflow", rendered=True), 1) if shutil.which("kubectl") else None
    if checkov:
        theirs = bench.fastest(checkov_on("-d", folder / "kubeflow", checkov), 1)
        row("Kubeflow distribution, as it is", ours, "Checkov", theirs)
        if rendered:
            row("the same, rendered by `kubectl`", rendered, "Checkov, which renders nothing", theirs)


def distribution(archive: Path, folder: Path) -> bool:
    """Unpack the distribution; false where it is not at hand."""
    if not archive.is_file():
        print(f"no {archive}: skipped", file=sys.stderr)
        return False
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return True


def big_plan(bench: Bench, folder: Path) -> None:
    """The gate on a large estate: a 60 MB plan of 15,000 resources, without findings, with some and with many."""
    plan = folder / "plan.json"
    for types, whole in ((SOUND, 0), (SOUND, 30), ((), 0)):
        write_plan(plan, resources=15_000, megabytes=60, types=types, whole=whole)
        alone = bench.fastest(script("parse_json.py", plan), 5)
        ours, count = bench.fastest(govscan(plan), 5), failures(bench, govscan(plan))
        row(f"60 MB plan, 15,000 resources, {count:,} findings", ours, "`orjson.loads` alone", alone)


def failures(bench: Bench, command: Sequence[str]) -> int:
    """How many findings a scan has."""
    words = bench.output(command).partition("\nFailed")[2].split()
    return int(words[0].rstrip(":").replace(",", ""))


def configuration(bench: Bench, corpora: Path, folder: Path, checkov: str | None) -> None:
    """Before there is a plan: folders of .tf files, some of them made, some of them real."""
    real = [corpora / "hcl" / name for name in CONFIGURATIONS]
    places = {f"{place.name}, {len(list(place.rglob('*.tf')))} .tf files": place for place in real}
    for what, tags in (("no findings", SOUND_TAGS), ("900 findings", 'team = "fraud"')):
        place = places[f"900 instances in .tf, {what}"] = folder / what
        write_configuration(place, instances=900, tags=tags)
    for what, place in places.items():
        if not place.is_dir():
            print(f"no {place}: skipped", file=sys.stderr)
            continue
        ours, alone = bench.fastest(govscan(place), 3), bench.fastest(script("parse_hcl.py", place), 3)
        row(what, ours, "`tfparse` alone", alone)
        if checkov:
            row(what, ours, "Checkov", bench.fastest(checkov_on("-d", place, checkov, "terraform"), 1))


def judging(bench: Bench, archive: Path, folder: Path) -> None:
    """What the policies cost once everything is read; measured in one process."""
    policies, _, ours, theirs, parsing = json.loads(bench.output(script("judge.py", ROOT)))
    judged(f"{policies} policies on one small resource", ours, "`orjson.loads` of it", parsing)
    judged(f"{policies} policies on one small resource", ours, "Google's CEL runtime", theirs)
    if distribution(archive, folder / "kubeflow"):
        policies, count, ours, _, parsing = json.loads(bench.output(script("judge.py", ROOT, folder / "kubeflow")))
        what = f"{policies} policies on each of {count} workloads of the Kubeflow distribution"
        judged(what, ours, "`orjson.loads` of each", parsing)


def judged(what: str, ours: float, other: str, theirs: float) -> None:
    """One line of the table, in microseconds."""
    said = f"{theirs / ours:.1f}x faster" if theirs > ours else f"{ours / theirs:.1f}x its time"
    print(f"| {what} | {ours * 1e6:.1f} us | {other} | {theirs * 1e6:.1f} us | {said} |")


def admissions(bench: Bench) -> None:
    """What a cluster's admission policies cost, against our own that ask the same; measured in one process."""
    policies, deployments, theirs, ours = json.loads(bench.output(script("admissions.py")))
    figures = f"{theirs * 1e3:.1f} ms | the same as govscan's policies | {ours * 1e3:.1f} ms"
    print(f"| {policies} admission policies on {deployments} Deployments | {figures} | {theirs / ours:.1f}x its time |")


def account(bench: Bench, folder: Path) -> None:
    """The nightly moment: a live account, which stands on loopback."""
    with subprocess.Popen(script("accounts.py", folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as served:
        try:
            bench.use(
                STAND_IN | {"AWS_ENDPOINT_URL": (served.stdout.readline() if served.stdout else b"").decode().strip()}
            )
            ours = bench.fastest([sys.executable, "-m", "scanner", "audit", "aws"], 2)
            alone = bench.fastest([*script("accounts.py"), "--floor"], 2)
        finally:
            served.communicate()  # its input ends
    row("live account, 1,000 buckets and 1,000 instances", ours, "the same calls by `boto3`", alone)


def govscan(target: Path, *, rendered: bool = False) -> list[str]:
    """The command, from this checkout; without rendering anything, which peers do not do either."""
    options = [] if rendered else ["--no-render"]
    return [sys.executable, "-m", "scanner", "scan", *options, str(target)]


def checkov_on(flag: str, target: Path, command: str, framework: str = "kubernetes") -> list[str]:
    """Checkov with everything that talks to a network or prints at length turned off."""
    return [command, flag, str(target), "--quiet", "--compact", "--skip-download", "--framework", framework]


def script(name: str, *targets: Path) -> list[str]:
    """One of the scripts beside this file."""
    return [sys.executable, str(HERE / name), *map(str, targets)]


if __name__ == "__main__":
    main()
