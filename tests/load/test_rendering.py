"""Charts and kustomizations, rendered by real `helm` and `kubectl`: what they become, and the lines it came from."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner import load
from scanner.model import Ledger, Unknown
from tests.load.rendered import FIXTURE, TOOLS, Scanned, needs_helm, needs_kubectl

Write = Callable[[str, str | bytes], Path]


@pytest.fixture(autouse=True, scope="module")
def tools() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", TOOLS)
        yield


@pytest.fixture(scope="module")
def chart(root: Path) -> Scanned:
    return Scanned(root, f"{FIXTURE}/charts")


def container(name: str) -> tuple[str | int, ...]:
    return ("spec", "template", "spec", "containers", 0, *name.split("/"))


SCORER = "Deployment/scorer-scorer"


@needs_helm
class TestChart:
    def test_values_of_the_environment_found_beside_the_chart_count(self, chart: Scanned) -> None:
        body = chart.body(SCORER)
        assert body["spec"]["replicas"] == 40
        assert body["spec"]["template"]["metadata"]["labels"] == {
            "app": "scorer",
            "team": "fraud",
            "cost-center": "cc-1042",
        }

    def test_a_namespace_that_nobody_chose_is_not_named(self, chart: Scanned) -> None:
        assert "namespace" not in chart.body(SCORER)["metadata"]

    def test_files_of_a_chart_are_not_read_by_themselves(self, chart: Scanned) -> None:
        assert sorted(chart.addresses) == [SCORER, "PeerAuthentication/scorer-scorer", "Secret/scorer-scorer-session"]
        assert chart.problems == []

    @pytest.mark.parametrize(
        ("path", "file", "line"),
        [
            (container("image"), "values.yaml", "image: registry.acme.example/scorer:1.4.0"),
            ((*container("env"), 1, "value"), "values.yaml", "password: sk-8f2b1c9d7e6a5f4b3c2d"),
            ((*container("env"), 1, "name"), "templates/deployment.yaml", "- name: DATABASE_PASSWORD"),
            ((*container("resources/limits"), "nvidia.com/gpu"), "values-production.yaml", "accelerators: 2"),
            (("spec", "replicas"), "values-production.yaml", "replicas: 40"),
            (("spec", "template", "metadata", "labels", "cost-center"), "values-production.yaml", "cost-center: cc-1042"),
            (("spec", "selector", "matchLabels"), "templates/deployment.yaml", "matchLabels: {app: scorer}"),
            (("spec", "template", "spec", "nodeSelector"), "templates/deployment.yaml", "spec:"),
            (("metadata", "name"), "templates/deployment.yaml", 'name: {{ include "scorer.name" . }}'),
        ],
        ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None,
    )  # fmt: skip
    def test_lines(self, chart: Scanned, path: tuple[str | int, ...], file: str, line: str) -> None:
        assert chart.line(SCORER, *path) == (f"charts/scorer/{file}", line)

    def test_lines_below_a_control_line(self, chart: Scanned) -> None:
        found = chart.line("PeerAuthentication/scorer-scorer", "spec", "mtls", "mode")
        assert found == ("charts/scorer/templates/mesh.yaml", "mode: PERMISSIVE")

    def test_what_helm_makes_up_is_not_known(self, chart: Scanned) -> None:
        assert isinstance(chart.body("Secret/scorer-scorer-session")["stringData"]["key"], Unknown)

    def test_a_configuration_says_how_it_is_installed(self, root: Path) -> None:
        folder = root / FIXTURE / "charts" / "scorer"
        told = load.Chart(folder, (folder / "values-production.yaml",), "serving", "eu")
        found = Scanned(root, f"{FIXTURE}/charts", charts=(told,))
        assert "serving/Deployment/eu-scorer" in found.addresses
        assert found.line("serving/Deployment/eu-scorer", "spec", "replicas")[1] == "replicas: 40"

    def test_any_file_of_a_chart_leads_to_it(self, root: Path) -> None:
        for file in ("values.yaml", "Chart.yaml", "templates/mesh.yaml"):
            assert SCORER in Scanned(root, f"{FIXTURE}/charts/scorer/{file}").addresses

    def test_a_chart_that_cannot_be_rendered_is_one_problem(self, base: Path, write: Write) -> None:
        write("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n")
        write("app/templates/a.yaml", 'kind: {{ required "say who owns it" .Values.owner }}\napiVersion: v1\n')
        write("app/templates/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")
        found = Scanned(base)
        ((where, message),) = found.problems
        assert where == "app/Chart.yaml"
        assert "say who owns it" in message
        assert found.addresses == ["ConfigMap/b"], "what is no template is read all the same"

    def test_a_chart_whose_dependencies_were_not_downloaded_is_counted(self, base: Path, write: Write) -> None:
        dependency = "dependencies: [{name: redis, version: 1.0.0, repository: https://charts.example}]\n"
        write("app/Chart.yaml", f"apiVersion: v2\nname: app\nversion: 0.1.0\n{dependency}")
        found = Scanned(base)
        assert found.problems == []
        assert found.ledger.skipped["helm chart whose dependencies are not here, not rendered"] == 1

    def test_a_subcharts_values_are_its_parents(self, base: Path, write: Write) -> None:
        write("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n")
        write("app/values.yaml", "cache:\n  size: 3\n")
        write("app/charts/cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 0.1.0\n")
        write("app/charts/cache/values.yaml", "size: 1\ncolor: red\n")
        write(
            "app/charts/cache/templates/c.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  size: {{ .Values.size | quote }}\n  color: {{ .Values.color }}\n",
        )
        found = Scanned(base)
        assert found.line("ConfigMap/c", "data", "size") == ("app/values.yaml", "size: 3")
        assert found.line("ConfigMap/c", "data", "color") == ("app/charts/cache/values.yaml", "color: red")


@needs_kubectl
class TestKustomization:
    @pytest.fixture
    def overlay(self, root: Path) -> Scanned:
        return Scanned(root, f"{FIXTURE}/overlays")

    def test_the_overlay_counts_and_not_its_base(self, overlay: Scanned) -> None:
        assert [address.rpartition("-")[0] or address for address in sorted(overlay.addresses)] == [
            "research/Deployment/trainer", "research/PeerAuthentication/default", "research/Secret/registry",
        ]  # fmt: skip
        assert overlay.body("research/PeerAuthentication/default")["spec"]["mtls"]["mode"] == "PERMISSIVE"
        assert "annotations" not in overlay.body("research/Deployment/trainer")["metadata"]

    @pytest.mark.parametrize(
        ("address", "path", "file", "line"),
        [
            ("research/Deployment/trainer", container("image"), "base/deployment.yaml", "image: registry.acme.example/trainer:2.0.0"),
            ("research/Deployment/trainer", ("metadata", "namespace"), "production/kustomization.yaml", "namespace: research"),
            ("research/Deployment/trainer", ("spec", "paused"), "base/deployment.yaml", "spec:"),
            ("research/PeerAuthentication/default", ("spec", "mtls", "mode"), "production/permissive.yaml", "mode: PERMISSIVE"),
        ],
        ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None,
    )  # fmt: skip
    def test_lines(self, overlay: Scanned, address: str, path: tuple[str | int, ...], file: str, line: str) -> None:
        assert overlay.line(address, *path) == (f"overlays/{file}", line)

    def test_a_generated_secret_is_shown_at_its_generator(self, overlay: Scanned) -> None:
        (address,) = [found for found in overlay.addresses if "/Secret/" in found]
        assert overlay.line(address, "data", "token") == ("overlays/production/kustomization.yaml", "- name: registry")

    def test_containers_are_told_apart_by_name_where_a_patch_moves_them(self, base: Path, write: Write) -> None:
        write("b/kustomization.yaml", "resources: [d.yaml]\n")
        write("b/d.yaml", deployment("{name: web, image: web:1}"))
        write("o/kustomization.yaml", "resources: [../b]\npatches: [{path: p.yaml}]\n")
        write("o/p.yaml", deployment("{name: log, image: log:1}"))
        found = Scanned(base)
        images = found.body("Deployment/web")["spec"]["template"]["spec"]["containers"]
        for index, one in enumerate(images):
            path = ("spec", "template", "spec", "containers", index, "image")
            assert found.line("Deployment/web", *path)[1].endswith(f"{{name: {one['name']}, image: {one['image']}}}")

    @pytest.mark.parametrize(
        "body",
        [
            "resources: [https://example.com/base?ref=v1]\n",
            "resources: [github.com/acme/base]\n",
            "bases: ['git@github.com:acme/base.git']\n",
        ],
    )
    def test_nothing_is_fetched(self, base: Path, write: Write, body: str) -> None:
        write("k/kustomization.yaml", body)
        found = Scanned(base)
        assert found.problems == []
        assert found.ledger.skipped["kustomization that needs the network, not rendered"] == 1

    def test_what_cannot_be_rendered_is_read_as_it_is(self, base: Path, write: Write) -> None:
        write("k/kustomization.yaml", "resources: [a.yaml, gone.yaml]\n")
        write("k/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        found = Scanned(base)
        assert found.addresses == ["ConfigMap/a"]
        assert found.ledger.skipped["kustomization some of whose files are not here, not rendered"] == 1

    def test_a_broken_one_is_one_problem(self, base: Path, write: Write) -> None:
        write("k/kustomization.yaml", "resources: [a.yaml]\nnamePrefix: {a: b}\n")
        write("k/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        found = Scanned(base)
        assert [where for where, _ in found.problems] == ["k/kustomization.yaml"]
        assert found.addresses == ["ConfigMap/a"]

    def test_a_staged_patch_leads_to_its_kustomization(self, root: Path) -> None:
        found = Scanned(root, f"{FIXTURE}/overlays/production/permissive.yaml")
        assert "research/PeerAuthentication/default" in found.addresses


def deployment(container: str) -> str:
    spec = f"spec:\n      containers:\n        - {container}\n"
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    {spec}"


@needs_helm
@needs_kubectl
class TestController:
    @pytest.fixture
    def everything(self, root: Path, tmp_path: Path) -> Scanned:
        """The fixture as a repository of its own: where ours was cloned from must not matter."""
        shutil.copytree(root / FIXTURE, tmp_path / FIXTURE)
        return Scanned(tmp_path, FIXTURE)

    def test_argo_cd_installs_a_chart(self, everything: Scanned) -> None:
        body = everything.body("serving/Deployment/scorer-eu-scorer")
        assert body["spec"]["replicas"] == 3, "a parameter wins over the values file"

    def test_flux_puts_a_kustomization_into_its_namespace(self, everything: Scanned) -> None:
        assert "training/Deployment/trainer" in everything.addresses
        assert everything.line("training/PeerAuthentication/default", "spec", "mtls", "mode")[1] == "mode: PERMISSIVE"

    def test_nothing_is_installed_twice(self, everything: Scanned) -> None:
        kinds = [document.body["kind"] for document in everything.documents]
        assert kinds.count("Deployment") == 2

    def test_lines_of_an_installed_chart(self, everything: Scanned) -> None:
        line = everything.line("serving/Deployment/scorer-eu-scorer", *container("env"), 1, "value")
        assert line == ("charts/scorer/values.yaml", "password: sk-8f2b1c9d7e6a5f4b3c2d")

    def test_a_linked_worktree_knows_where_it_was_cloned_from(self, base: Path, write: Write) -> None:
        write("main/.git/config", '[remote "origin"]\n\turl = git@git.acme.example:ml/other.git\n')
        write("main/.git/worktrees/w/commondir", "../..\n")
        write("w/.git", f"gitdir: {base}/main/.git/worktrees/w\n")
        write("w/k/kustomization.yaml", "resources: [a.yaml]\n")
        write("w/k/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        source = "source: {path: k, repoURL: https://git.acme.example/ml/platform.git}"
        app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        write("w/app.yaml", f"{app}spec:\n  destination: {{namespace: prod}}\n  {source}\n")
        assert "ConfigMap/a" in Scanned(base / "w").addresses

    def test_another_repositorys_application_installs_nothing_here(self, base: Path, write: Write) -> None:
        write(".git/config", '[remote "origin"]\n\turl = git@git.acme.example:ml/platform.git\n')
        write("k/kustomization.yaml", "resources: [a.yaml]\n")
        write("k/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
        source = "source: {path: k, repoURL: https://git.acme.example/ml/%s.git}"
        app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        for repository, address in (("platform", "prod/ConfigMap/a"), ("other", "ConfigMap/a")):
            write("app.yaml", f"{app}spec:\n  destination: {{namespace: prod}}\n  {source % repository}\n")
            assert address in Scanned(base).addresses


def test_without_rendering_nothing_is_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr("subprocess.run", never)
    ledger = Ledger()
    options = load.Options(root)
    found = load.partitions([str(root / FIXTURE)], options, ledger)
    assert sum(len(list(partition.documents)) for partition in found) > 0
    assert ledger.skipped["helm template, not rendered"] == 3


def test_without_the_tools_charts_are_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = Scanned(root, FIXTURE)
    assert found.problems == []
    assert found.ledger.skipped["helm template, not rendered"] == 3
