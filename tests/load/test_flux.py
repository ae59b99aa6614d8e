"""What Flux takes from ConfigMaps: values of charts, and what it puts in place of variables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.model import Unknown
from tests.load.rendered import CHART, TOOLS, Scanned, needs_helm, needs_kubectl

pytestmark = [needs_helm, needs_kubectl]
Write = Callable[[str, str | bytes], Path]

MISSING = "values that flux takes from outside the files, not applied"
MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: of-eu, namespace: serving}
data:
  values.yaml: |
    replicas: 20
    team: fraud
  tier: gold
"""


@pytest.fixture(autouse=True)
def repository(base: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", TOOLS)
    write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write("charts/web/values.yaml", "replicas: 1\nteam: nobody\ntier: default\n")
    write("charts/web/templates/web.yaml", CHART)
    return base


def a_release(values_from: str, values: str = "{}") -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web, namespace: serving}}
spec:
  chart: {{spec: {{chart: ./charts/web, sourceRef: {{kind: GitRepository, name: platform}}}}}}
  valuesFrom: {values_from}
  values: {values}
"""


def web(found: Scanned) -> tuple[Any, Any, Any]:
    spec = found.body("serving/Deployment/web")["spec"]
    labels = spec["template"]["metadata"]["labels"]
    return spec["replicas"], labels["team"], labels["tier"]


class TestValuesFrom:
    @pytest.mark.parametrize(
        ("values_from", "values", "expected"),
        [
            ("[{kind: ConfigMap, name: of-eu}]", "{}", (20, "fraud", "default")),
            ("[{kind: ConfigMap, name: of-eu}]", "{team: search}", (20, "search", "default")),
            ("[{kind: ConfigMap, name: of-eu, valuesKey: tier, targetPath: tier}]", "{}", (1, "nobody", "gold")),
            ("[{kind: ConfigMap, name: other, optional: true}]", "{}", (1, "nobody", "default")),
        ],
    )
    def test_a_config_map_of_the_repository_counts(
        self, base: Path, write: Write, values_from: str, values: str, expected: tuple[Any, ...]
    ) -> None:
        write("a/release.yaml", a_release(values_from, values))
        write("z/map.yaml", MAP)
        found = Scanned(base)
        assert web(found) == expected
        assert found.problems == []
        assert found.line("serving/Deployment/web", "kind")[1] == "kind: Deployment"

    @pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
    def test_what_is_not_there_is_told(self, base: Path, write: Write, kind: str) -> None:
        write("release.yaml", a_release(f"[{{kind: {kind}, name: elsewhere}}]"))
        assert Scanned(base).ledger.skipped[MISSING] == 1

    def test_a_single_value_that_is_not_there_is_not_known(self, base: Path, write: Write) -> None:
        write("release.yaml", a_release("[{kind: Secret, name: elsewhere, valuesKey: t, targetPath: team}]"))
        assert isinstance(web(Scanned(base))[1], Unknown)

    def test_a_map_that_kustomize_generates(self, base: Path, write: Write) -> None:
        write("flux/release.yaml", a_release("[{kind: ConfigMap, name: made}]"))
        write("flux/eu.yaml", "replicas: 30\n")
        generator = "configMapGenerator: [{name: made, namespace: serving, files: [values.yaml=eu.yaml]}]\n"
        rules = "generatorOptions: {disableNameSuffixHash: true}\n"
        write("flux/kustomization.yaml", f"resources: [release.yaml]\n{generator}{rules}")
        assert web(Scanned(base))[0] == 30

    @pytest.mark.parametrize("broken", ["7", "[7, null]", "[{kind: ConfigMap}]", "[{kind: ConfigMap, name: [a]}]"])
    def test_any_shape(self, base: Path, write: Write, broken: str) -> None:
        write("release.yaml", a_release(broken))
        assert web(Scanned(base))[0] == 1


KUSTOMIZED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plain}
data:
  region: ${region}
  tier: ${tier:=silver}
  given: ${region:-none}
  none: "x${nobody}"
  kept: $${region}
  odd: ${region:0:2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: untouched, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}
data: {region: "${region}"}
"""


class TestPostBuild:
    @pytest.fixture(autouse=True)
    def folder(self, write: Write) -> None:
        write("k/kustomization.yaml", "resources: [maps.yaml]\n")
        write("k/maps.yaml", KUSTOMIZED)

    def found(self, base: Path, write: Write, post_build: str, more: str = "") -> Scanned:
        write(
            "flux.yaml",
            f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: k, namespace: flux-system}}
spec:
  path: ./k
  sourceRef: {{kind: GitRepository, name: platform}}
  {post_build}
{more}""",
        )
        return Scanned(base)

    def test_variables_are_replaced(self, base: Path, write: Write) -> None:
        found = self.found(base, write, "postBuild: {substitute: {region: europe-west4}}")
        data = found.body("ConfigMap/plain")["data"]
        odd = data.pop("odd")
        assert isinstance(odd, Unknown)
        assert data == {
            "region": "europe-west4",
            "tier": "silver",
            "given": "europe-west4",
            "none": "x",
            "kept": "${region}",
        }
        assert found.body("ConfigMap/untouched")["data"] == {"region": "${region}"}
        assert found.line("ConfigMap/plain", "data", "region")[0] == "k/maps.yaml"

    def test_without_it_they_stand(self, base: Path, write: Write) -> None:
        assert self.found(base, write, "prune: true").body("ConfigMap/plain")["data"]["region"] == "${region}"

    def test_they_come_from_a_config_map(self, base: Path, write: Write) -> None:
        settings = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\n"
        post_build = "postBuild: {substituteFrom: [{kind: ConfigMap, name: s}], substitute: {tier: gold}}"
        found = self.found(base, write, post_build, f"{settings}data: {{region: eu, tier: bronze}}\n")
        data = found.body("ConfigMap/plain")["data"]
        assert (data["region"], data["tier"]) == ("eu", "gold")

    def test_what_a_secret_of_the_cluster_holds_is_not_known(self, base: Path, write: Write) -> None:
        post_build = "postBuild: {substituteFrom: [{kind: Secret, name: s}], substitute: {region: eu}}"
        data = self.found(base, write, post_build).body("ConfigMap/plain")["data"]
        assert data["region"] == "eu"
        assert isinstance(data["tier"], Unknown)
        assert isinstance(data["none"], Unknown)


class TestPlainFolders:
    """Flux makes a kustomization of a folder that has none."""

    @pytest.fixture(autouse=True)
    def folder(self, write: Write) -> None:
        write("plain/maps.yaml", KUSTOMIZED.replace("odd:", "count: ${count}\n  odd:"))

    def found(self, base: Path, write: Write, post_build: str) -> Scanned:
        spec = f"path: ./plain, sourceRef: {{kind: GitRepository, name: platform}}{post_build}"
        kind = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization"
        write("a/flux.yaml", f"{kind}\nmetadata: {{name: k, namespace: flux-system}}\nspec: {{{spec}}}\n")
        return Scanned(base)

    def test_variables_are_replaced(self, base: Path, write: Write) -> None:
        found = self.found(base, write, ", postBuild: {substitute: {region: europe-west4, count: '3'}}")
        data = found.body("ConfigMap/plain")["data"]
        assert (data["region"], data["tier"], data["none"], data["kept"], data["count"]) == (
            "europe-west4",
            "silver",
            "x",
            "${region}",
            3,
        )
        assert isinstance(data["odd"], Unknown)
        assert found.body("ConfigMap/untouched")["data"] == {"region": "${region}"}
        assert found.line("ConfigMap/plain", "data", "region") == ("plain/maps.yaml", "region: ${region}")

    def test_what_comes_from_elsewhere_is_not_known(self, base: Path, write: Write) -> None:
        found = self.found(base, write, ", postBuild: {substituteFrom: [{kind: Secret, name: s}]}")
        assert isinstance(found.body("ConfigMap/plain")["data"]["region"], Unknown)

    def test_a_name_may_be_unknown(self, base: Path, write: Write) -> None:
        named = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${who}', namespace: '${where}'}\n"
        write("plain/named.yaml", named)
        write("k/named.yaml", named)
        write("k/kustomization.yaml", "resources: [named.yaml]\n")
        built = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: o}\nspec: "
        secret = "postBuild: {substituteFrom: [{kind: Secret, name: s}]}"
        write("a/other.yaml", f"{built}{{path: ./k, sourceRef: {{kind: GitRepository}}, {secret}}}\n")
        found = self.found(base, write, f", {secret}")
        names = [one.body["metadata"]["name"] for one in found.documents if one.origin.address.count("(unknown)")]
        assert len([name for name in names if isinstance(name, Unknown)]) == 2

    def test_without_it_they_stand(self, base: Path, write: Write) -> None:
        assert self.found(base, write, "").body("ConfigMap/plain")["data"]["region"] == "${region}"


def test_settings_of_a_kustomization(base: Path, write: Write) -> None:
    write("k/kustomization.yaml", "resources: [d.yaml]\n")
    write("k/d.yaml", CHART.replace("{{ .Values.replicas }}", "1").replace("{{ .Values.team | quote }}", "a").replace(
        "{{ .Values.tier | quote }}", "b"
    ))  # fmt: skip
    write(
        "flux.yaml",
        """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k, namespace: flux-system}
spec:
  path: ./k
  sourceRef: {kind: GitRepository, name: platform}
  namePrefix: eu-
  images: [{name: web, newName: registry.acme.example/web, newTag: "2"}]
  commonMetadata: {labels: {cost-center: cc-1}}
  patches:
    - target: {kind: Deployment}
      patch: |
        - {op: replace, path: /spec/replicas, value: 9}
""",
    )
    body = Scanned(base).body("Deployment/eu-web")
    assert body["spec"]["replicas"] == 9
    assert body["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.acme.example/web:2"
    assert body["metadata"]["labels"] == {"cost-center": "cc-1"}
    assert "cost-center" not in body["spec"]["template"]["metadata"]["labels"]


def test_what_the_tool_complains_of_is_told(base: Path, write: Write) -> None:
    write("k/kustomization.yaml", "resources: [d.yaml]\npatches: [{target: {kind: ConfigMap}, patch: '[{op: x}]'}]\n")
    write("k/d.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    ((where, message),) = Scanned(base).problems
    assert where == "k/kustomization.yaml"
    assert "unable to parse SM or JSON patch" in message
