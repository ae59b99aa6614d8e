"""What becomes of a folder whose charts and kustomizations are rendered."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.model import Citation, Document, Ledger

FIXTURE = "fixtures/rendered"
TOOLS = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
"""Helm is installed with the tests; kubectl is taken from the machine."""

CHART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  template:
    metadata: {labels: {team: {{ .Values.team | quote }}, tier: {{ .Values.tier | quote }}}}
    spec: {containers: [{name: web, image: web}]}
"""
"""What a small chart of one Deployment makes of three values."""

needs_helm = pytest.mark.skipif(not shutil.which("helm", path=TOOLS), reason="no helm for this machine")
needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl")


class Scanned:
    """What became of some targets."""

    def __init__(self, base: Path, *targets: str, charts: tuple[load.Chart, ...] = ()) -> None:
        self.ledger = Ledger()
        self.options = load.Options(base, kubernetes=load.Kubernetes(render=True, charts=charts))
        found = load.partitions([str(base / target) for target in targets or ("",)], self.options, self.ledger)
        self.documents: list[Document] = [document for partition in found for document in partition.documents]

    @property
    def addresses(self) -> list[str]:
        return [document.origin.address for document in self.documents]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(problem.where, problem.message) for problem in self.ledger.problems]

    def body(self, address: str) -> Any:
        return next(document.body for document in self.documents if document.origin.address == address)

    def line(self, address: str, *path: str | int) -> tuple[str, str]:
        """The file and the text of the line where a path of an object is written."""
        document = next(found for found in self.documents if found.origin.address == address)
        (located,) = load.locate([Citation(document.origin, path)], self.options)
        place = located.origin
        lines = (self.options.base / place.uri).read_text().split("\n")
        return place.uri.removeprefix(f"{FIXTURE}/"), lines[place.line - 1].strip()
