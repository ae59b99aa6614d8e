"""Nothing that lies outside of the repository reaches a report, whatever a repository under review says to read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.load.rendered import CHART, TOOLS, Scanned, needs_helm

pytestmark = needs_helm
Write = Callable[[str, str | bytes], Path]
SECRET = "from-outside"


@pytest.fixture
def outside(base: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file beside the repository that whoever runs the scan may read."""
    monkeypatch.setenv("PATH", TOOLS)
    file = tmp_path_factory.mktemp("elsewhere") / "own.yaml"
    file.write_text(f"team: {SECRET}\nreplicas: 1\ntier: x\n")
    return file


def tells(found: Scanned) -> bool:
    return any(SECRET in str(document.body) for document in found.documents)


def a_set(path: str) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: s}}
spec:
  generators: [{{git: {{repoURL: https://git.example/a/b, files: [{{path: "{path}"}}]}}}}]
  template:
    metadata: {{name: web}}
    spec:
      destination: {{namespace: serving}}
      source: {{repoURL: https://git.example/a/b, path: charts/web, helm: {{parameters: [{{name: team, value: "{{{{team}}}}"}}]}}}}
"""


def a_chart(write: Write) -> None:
    write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write("charts/web/values.yaml", "replicas: 1\nteam: nobody\ntier: default\n")
    write("charts/web/templates/web.yaml", CHART)


def above(base: Path, outside: Path) -> str:
    return "../" * len(base.parts) + str(outside).lstrip("/")


def test_files_of_an_application_set_above_the_repository(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    write("set.yaml", a_set(above(base, outside)))
    assert not tells(Scanned(base))


def test_links_to_files_of_an_application_set(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    (base / "link.yaml").symlink_to(outside)
    write("set.yaml", a_set("link.yaml"))
    assert not tells(Scanned(base))


def test_files_of_an_application_set_within_the_repository(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    write("own.yaml", outside.read_text())
    write("set.yaml", a_set("own.yaml"))
    assert tells(Scanned(base))


@pytest.mark.parametrize("name", ["values.yaml", "values-eu.yaml"])
def test_links_to_values_of_a_chart(base: Path, write: Write, outside: Path, name: str) -> None:
    a_chart(write)
    (base / "charts/web" / name).unlink(missing_ok=True)
    (base / "charts/web" / name).symlink_to(outside)
    found = Scanned(base)
    assert not tells(found)
    assert found.problems == [(f"charts/web/{'Chart.yaml' if name == 'values.yaml' else name}", "has links that lead out of the repository")]  # fmt: skip


def test_files_of_a_chart_that_are_links(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    write("charts/web/templates/map.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: m}\ndata: {x: {{ .Files.Get `own/own.yaml` | quote }}}\n")  # fmt: skip
    (base / "charts/web/own").symlink_to(outside.parent)
    assert not tells(Scanned(base))


def test_links_behind_links_of_a_chart(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    write("charts/web/templates/map.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: m}\ndata: {x: {{ .Files.Get `near/far/own.yaml` | quote }}}\n")  # fmt: skip
    write("shared/any.txt", "")
    (base / "shared/far").symlink_to(outside.parent)
    (base / "shared/round").symlink_to(base / "shared")
    (base / "charts/web/near").symlink_to(base / "shared")
    assert not tells(Scanned(base))


def test_links_within_the_repository_are_followed(base: Path, write: Write, outside: Path) -> None:
    a_chart(write)
    write("shared/eu.yaml", outside.read_text())
    (base / "charts/web/values-eu.yaml").symlink_to(base / "shared/eu.yaml")
    assert tells(Scanned(base))
