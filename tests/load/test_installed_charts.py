"""Where Argo CD and Flux look for values of a chart, and what they do to it that is not followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.load.rendered import CHART, TOOLS, Scanned, needs_helm

pytestmark = needs_helm
Write = Callable[[str, str | bytes], Path]

UNCLEAR = "application of a controller that files alone do not tell, not followed"
AFTERWARDS = "changes that flux makes to a chart afterwards, not applied"


@pytest.fixture(autouse=True)
def repository(base: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", TOOLS)
    write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write("charts/web/values.yaml", "replicas: 1\nteam: nobody\ntier: default\n")
    write("charts/web/templates/web.yaml", CHART)
    write("charts/web/eu.yaml", "replicas: 2\n")
    write("envs/eu.yaml", "replicas: 20\n")


def argo(helm: str) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  destination: {{namespace: serving}}
  source: {{repoURL: https://git.example/a/b, path: charts/web, helm: {helm}}}
"""


def flux(chart: str, more: str = "") -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web, namespace: serving}}
spec:
  chart: {{spec: {{chart: ./charts/web, sourceRef: {{kind: GitRepository, name: platform}}{chart}}}}}
{more}
"""


def replicas(found: Scanned) -> Any:
    return found.body("serving/Deployment/web")["spec"]["replicas"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (argo("{valueFiles: [/envs/eu.yaml]}"), 20),
        (argo("{valueFiles: [eu.yaml]}"), 2),
        (argo("{valueFiles: [../../envs/eu.yaml]}"), 20),
        (argo("{valueFiles: [/envs/us.yaml, eu.yaml], ignoreMissingValueFiles: true}"), 2),
        (flux(", valuesFiles: [./envs/eu.yaml]"), 20),
        (flux(", valuesFiles: [charts/web/eu.yaml]"), 2),
        (flux(", valuesFiles: [./envs/us.yaml, ./envs/eu.yaml], ignoreMissingValuesFiles: true"), 20),
    ],
)
def test_a_values_file_is_looked_for_where_the_controller_does(
    base: Path, write: Write, text: str, expected: int
) -> None:
    write("install.yaml", text)
    found = Scanned(base)
    assert replicas(found) == expected
    assert found.problems == []


@pytest.mark.parametrize("make", [argo, flux])
def test_no_values_are_taken_from_outside_of_the_repository(
    base: Path, write: Write, make: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "eu.yaml"
    outside.write_text("team: from-outside\n")
    up = "../" * 20 + str(outside).lstrip("/")
    words = f"{{valueFiles: [{up}]}}" if make is argo else f", valuesFiles: [{up}]"
    write("install.yaml", make(words))
    found = Scanned(base)
    assert found.ledger.skipped[UNCLEAR] == 1
    assert not any("from-outside" in str(document.body) for document in found.documents)


def test_a_parameter_may_insist_on_being_text(base: Path, write: Write) -> None:
    write("charts/web/templates/web.yaml", CHART.replace("{{ .Values.team | quote }}", "{{ kindOf .Values.team }}"))
    write("install.yaml", argo('{parameters: [{name: team, value: "7", forceString: true}]}'))
    labels = Scanned(base).body("serving/Deployment/web")["spec"]["template"]["metadata"]["labels"]
    assert labels["team"] == "string"


def test_what_flux_changes_afterwards_is_told(base: Path, write: Write) -> None:
    write("install.yaml", flux("", "  postRenderers: [{kustomize: {patches: []}}]"))
    found = Scanned(base)
    assert (replicas(found), found.ledger.skipped[AFTERWARDS]) == (1, 1)


CHART_REFERENCE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: serving}
spec: {chartRef: {kind: HelmChart, name: web}}
"""


def test_a_chart_that_another_object_names_is_told(base: Path, write: Write) -> None:
    write("install.yaml", CHART_REFERENCE)
    assert Scanned(base).ledger.skipped[UNCLEAR] == 1
