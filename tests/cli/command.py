"""The command as a user runs it, and policies as a user writes them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent

PASSES = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n"
FAILS = "apiVersion: v1\nkind: Secret\nmetadata: {name: nobody}\n"


def govscan(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    command = [sys.executable, "-m", "scanner", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def write_policy(pack: Path, name: str, **changes: Any) -> Path:
    """A policy that wants secrets to be called something of `params.words`, with two cases; None takes a key away."""
    pack.mkdir(exist_ok=True)
    (pack / "pack.yaml").write_text("title: Our own rules\ndescription: What our platform team agreed on.\n")
    body = {
        "id": name,
        "title": "Secret has no proper name",
        "severity": "medium",
        "family": "ours",
        "match": {"types": ["kubernetes.secret"]},
        "validations": [
            {"expression": "resource.name in params.words", "message": "{resource.name} is none of {params.words}"}
        ],
        "rationale": "What has no name cannot be talked about.",
        "remediation": "Give it one of the names we agreed on.",
        "controls": [],
        "params": {"words": ["db"]},
    }
    body |= changes
    path = pack / f"{name}.yaml"
    kept = {key: value for key, value in body.items() if value is not None}
    path.write_text(yaml.safe_dump(kept, sort_keys=False))
    cases = [
        {"name": "it has a name", "source": "kubernetes_manifest", "given": PASSES, "expect": "pass"},
        {
            "name": "it has none",
            "source": "kubernetes_manifest",
            "given": FAILS,
            "expect": "fail",
            "message": "nobody is",
        },
    ]
    path.with_suffix(".test.yaml").write_text(yaml.safe_dump(cases, sort_keys=False))
    return path
