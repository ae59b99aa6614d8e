"""Argo CD's ApplicationSets: which applications they make of a repository, by the rules of its own controller."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import analyze, normalize
from scanner.model import Partition, Unknown
from tests.load.rendered import CHART, TOOLS, Scanned, needs_helm, needs_kubectl

pytestmark = [needs_helm, needs_kubectl]
Write = Callable[[str, str | bytes], Path]

REPOSITORY = "https://git.acme.example/ml/platform.git"
UNCLEAR = "application of a controller that files alone do not tell, not followed"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", TOOLS)


@pytest.fixture
def repository(base: Path, write: Write) -> Path:
    """Two kustomizations, a folder that is neither, and a chart with the values of two environments."""
    write(".git/config", f'[remote "origin"]\n\turl = {REPOSITORY}\n')
    for name in ("scorer", "trainer_v2"):
        write(f"apps/{name}/kustomization.yaml", "resources: [map.yaml]\n")
        write(f"apps/{name}/map.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name[:6]}}}\n")
    write("apps/notes/README.md", "nothing to install")
    write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write("charts/web/values.yaml", "replicas: 1\nteam: nobody\ntier: default\n")
    write("charts/web/env/eu.yaml", "replicas: 20\nteam: fraud\n")
    write("charts/web/env/us.yaml", "replicas: 30\nteam: search\n")
    write("charts/web/templates/web.yaml", CHART)
    return base


def an_application_set(generators: str, path: str, namespace: str, more: str = "", go: str = "") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: everything, namespace: argocd}}
spec:{go}
  generators: {generators}
  template:
    metadata: {{name: an-app}}
    spec:
      project: default
      destination: {{server: https://kubernetes.default.svc, namespace: '{namespace}'}}
      source:
        repoURL: {REPOSITORY}
        path: '{path}'
        targetRevision: HEAD
        {more}
"""


GO = "\n  goTemplate: true\n  goTemplateOptions: [missingkey=error]"
DIRECTORIES = f"[{{git: {{repoURL: {REPOSITORY}, directories: [{{path: apps/*}}]}}}}]"
REGIONS = "{list: {elements: [{region: eu}, {region: us}]}}"
ON_EVERY_CLUSTER = "{clusters: {values: {revision: HEAD}}}"
FOLDERS = f"{{git: {{repoURL: {REPOSITORY}, directories: [{{path: apps/*}}, {{path: apps/notes, exclude: true}}]}}}}"


@pytest.mark.parametrize(
    ("path", "namespace", "go"),
    [
        ("{{path}}", "{{path.basenameNormalized}}", ""),
        ("{{ path[0] }}/{{path.basename}}", "{{ path.basenameNormalized }}", ""),
        ("{{.path.path}}", "{{.path.basenameNormalized}}", GO),
        ("{{index .path.segments 0}}/{{.path.basename}}", "{{ .path.basename | normalize }}", GO),
        ('{{ printf "apps/%s" .path.basename }}', "{{ normalize .path.basename }}", GO),
    ],
)
def test_an_application_for_each_folder(repository: Path, write: Write, path: str, namespace: str, go: str) -> None:
    write("argocd/set.yaml", an_application_set(DIRECTORIES, path, namespace, go=go))
    found = Scanned(repository)
    assert {"scorer/ConfigMap/scorer", "trainer-v2/ConfigMap/traine"} <= set(found.addresses)
    assert "ConfigMap/scorer" not in found.addresses, "and not by itself too"
    assert found.problems == []


def test_a_folder_is_excluded(repository: Path, write: Write) -> None:
    directories = "directories: [{path: apps/*}, {path: 'apps/trainer*', exclude: true}]"
    generators = f"[{{git: {{repoURL: {REPOSITORY}, {directories}}}}}]"
    write("argocd/set.yaml", an_application_set(generators, "{{path}}", "{{path.basename}}"))
    assert {"scorer/ConfigMap/scorer", "ConfigMap/traine"} <= set(Scanned(repository).addresses)


def replicas(found: Scanned) -> dict[str, Any]:
    """By namespace, of the deployments the chart makes."""
    deployments = [one.body for one in found.documents if one.body["kind"] == "Deployment"]
    return {body["metadata"].get("namespace", ""): body["spec"]["replicas"] for body in deployments}


@pytest.mark.parametrize(
    ("namespace", "file", "go"),
    [("web-{{region}}", "env/{{region}}.yaml", ""), ("web-{{.region}}", "env/{{ .region }}.yaml", GO)],
)
def test_values_files_of_a_list(repository: Path, write: Write, namespace: str, file: str, go: str) -> None:
    helm = f"helm: {{valueFiles: ['{file}']}}"
    write("argocd/set.yaml", an_application_set(f"[{REGIONS}]", "charts/web", namespace, helm, go))
    assert replicas(Scanned(repository)) == {"web-eu": 20, "web-us": 30}


@pytest.mark.parametrize("go", ["", GO])
def test_files_tell_parameters(repository: Path, write: Write, go: str) -> None:
    write("clusters/a/config.json", '{"cluster": {"zone": "eu-a", "size": 7}}')
    write("clusters/b/config.yaml", "- cluster: {zone: eu-b, size: 8}\n- cluster: {zone: eu-c, size: 9}\n")
    write("clusters/b/extra.txt", "cluster: no")
    generators = f"[{{git: {{repoURL: {REPOSITORY}, files: [{{path: 'clusters/**/config.*'}}]}}}}]"
    dot = "." if go else ""
    helm = f"helm: {{parameters: [{{name: replicas, value: '{{{{{dot}cluster.size}}}}'}}]}}"
    write("argocd/set.yaml", an_application_set(generators, "charts/web", f"{{{{{dot}cluster.zone}}}}", helm, go))
    assert replicas(Scanned(repository)) == {"eu-a": 7, "eu-b": 8, "eu-c": 9}


@pytest.mark.parametrize("go", ["", GO])
def test_a_matrix_is_every_pair(repository: Path, write: Write, go: str) -> None:
    dot, path = (".", "{{.path.path}}") if go else ("", "{{path}}")
    generators = f"[{{matrix: {{generators: [{REGIONS}, {FOLDERS}]}}}}]"
    namespace = f"{{{{{dot}path.basenameNormalized}}}}-{{{{{dot}region}}}}"
    write("argocd/set.yaml", an_application_set(generators, path, namespace, go=go))
    expected = {"scorer-eu/ConfigMap/scorer", "scorer-us/ConfigMap/scorer", "trainer-v2-us/ConfigMap/traine"}
    assert expected <= set(Scanned(repository).addresses)


@pytest.mark.parametrize("go", ["", GO])
def test_the_second_generator_of_a_matrix_sees_what_the_first_gives(repository: Path, write: Write, go: str) -> None:
    folder = "{{.folder}}" if go else "{{folder}}"
    first = "{list: {elements: [{folder: scor}]}}"
    second = f"{{git: {{repoURL: {REPOSITORY}, directories: [{{path: 'apps/{folder}*'}}]}}}}"
    generators = f"[{{matrix: {{generators: [{first}, {second}]}}}}]"
    path = "{{.path.path}}" if go else "{{path}}"
    write("argocd/set.yaml", an_application_set(generators, path, "one", go=go))
    found = set(Scanned(repository).addresses)
    assert "one/ConfigMap/scorer" in found
    assert "one/ConfigMap/traine" not in found


@pytest.mark.parametrize("go", ["", GO])
def test_a_merge_overrides_where_the_keys_agree(repository: Path, write: Write, go: str) -> None:
    base = "{list: {elements: [{region: eu, size: '2'}, {region: us, size: '2'}]}}"
    other = "{list: {elements: [{region: us, size: '5'}, {region: asia, size: '9'}]}}"
    generators = f"[{{merge: {{mergeKeys: [region], generators: [{base}, {other}]}}}}]"
    dot = "." if go else ""
    helm = f"helm: {{parameters: [{{name: replicas, value: '{{{{{dot}size}}}}'}}]}}"
    write("argocd/set.yaml", an_application_set(generators, "charts/web", f"{{{{{dot}region}}}}", helm, go))
    assert replicas(Scanned(repository)) == {"eu": 2, "us": 5}


class TestWhatFilesDoNotTell:
    """Clusters, pull requests and what plugins say are not in the repository."""

    @pytest.mark.parametrize("go", ["", GO])
    def test_folders_on_every_cluster_are_followed(self, repository: Path, write: Write, go: str) -> None:
        generators = f"[{{matrix: {{generators: [{ON_EVERY_CLUSTER}, {FOLDERS}]}}}}]"
        path, namespace = ("{{.path.path}}", "{{.path.basename}}") if go else ("{{path}}", "{{path.basename}}")
        write("argocd/set.yaml", an_application_set(generators, path, namespace, go=go))
        found = Scanned(repository)
        assert "scorer/ConfigMap/scorer" in found.addresses
        assert UNCLEAR not in found.ledger.skipped

    @pytest.mark.parametrize("go", ["", GO])
    def test_a_namespace_named_by_the_cluster_is_not_named(self, repository: Path, write: Write, go: str) -> None:
        namespace = "{{.name}}" if go else "{{name}}"
        write("argocd/set.yaml", an_application_set(f"[{ON_EVERY_CLUSTER}]", "apps/scorer", namespace, go=go))
        assert "ConfigMap/scorer" in Scanned(repository).addresses

    @pytest.mark.parametrize("go", ["", GO])
    def test_a_value_of_the_cluster_is_not_known(self, repository: Path, write: Write, go: str) -> None:
        name = "{{.metadata.labels.team}}" if go else "{{metadata.labels.team}}"
        told = "{{.values.revision}}" if go else "{{values.revision}}"
        parameters = f"[{{name: team, value: '{name}'}}, {{name: tier, value: '{told}'}}]"
        helm = f"helm: {{parameters: {parameters}}}"
        write("argocd/set.yaml", an_application_set(f"[{ON_EVERY_CLUSTER}]", "charts/web", "web", helm, go))
        labels = Scanned(repository).body("web/Deployment/web")["spec"]["template"]["metadata"]["labels"]
        assert isinstance(labels["team"], Unknown)
        assert labels["tier"] == "HEAD"

    @pytest.mark.parametrize(
        ("generators", "path", "helm"),
        [
            ("[{clusters: {}}]", "clusters/{{name}}", ""),
            ("[{clusters: {}}]", "charts/web", "helm: {valueFiles: ['env/{{name}}.yaml']}"),
            ("[{scmProvider: {github: {organization: acme}}}]", "{{repository}}", ""),
            ("[{matrix: {generators: [{clusters: {}}, {git: {files: []}}]}}]", "{{path}}", ""),
            ("[{list: {elements: [{region: eu}]}, selector: {matchLabels: {region: us}}}]", "{{nobody}}", ""),
            ("[{git: {repoURL: https://git.acme.example/x/other.git, directories: [{path: '*'}]}}]", "{{path}}", ""),
            ("[{list: {elements: [1, null]}}, {list: 7}, 7]", "{{path}}", ""),
            ("[{list: {elementsYaml: '[1, {'}}]", "charts/web", ""),
            ("7", "charts/web", ""),
        ],
    )
    def test_what_it_decides_is_told(
        self, repository: Path, write: Write, generators: str, path: str, helm: str
    ) -> None:
        write("argocd/set.yaml", an_application_set(generators, path, "prod", helm))
        found = Scanned(repository)
        assert "Deployment/web" in found.addresses, "the chart is read by itself"
        assert found.problems == []

    @pytest.mark.parametrize(
        ("path", "go"),
        [("clusters/{{name}}", ""), ("{{.nobody}}", GO), ("{{ slugify .region }}", GO), ("{{ if }}", GO)],
    )
    def test_it_is_counted(self, repository: Path, write: Write, path: str, go: str) -> None:
        write("argocd/set.yaml", an_application_set(f"[{REGIONS}]", path, "prod", go=go))
        assert Scanned(repository).ledger.skipped[UNCLEAR] > 0

    def test_all_of_an_object_may_be_unknown(self, repository: Path, write: Write) -> None:
        kinds = ["v1 ConfigMap", "v1 Secret", "v1 Namespace", "apps/v1 Deployment", "keda.sh/v1alpha1 ScaledJob"]
        kinds += [f"argoproj.io/v1alpha1 {kind}" for kind in ("Application", "ApplicationSet")]
        kinds += ["helm.toolkit.fluxcd.io/v2 HelmRelease", "kustomize.toolkit.fluxcd.io/v1 Kustomization"]
        kinds += ["networking.istio.io/v1 ServiceEntry", "serving.kserve.io/v1alpha1 LLMInferenceService"]
        kinds += ["admissionregistration.k8s.io/v1 MutatingWebhookConfiguration", "v1 PersistentVolume"]
        kinds += ["resource.k8s.io/v1 ResourceClaim", "karpenter.sh/v1 NodePool"]
        x = "{{ .Values.team }}"
        metadata = f"{{name: {x}, namespace: {x}, labels: {{istio.io/rev: {x}}}}}"
        bodies = [f"metadata: {metadata}\nspec: {x}\ndata: {x}\nwebhooks: {x}\n"]
        bodies += [f"metadata: {metadata}\nspec: {{source: {x}, path: {x}, template: {x}, chart: {x}, values: {x}}}\n"]
        objects = ["apiVersion: {}\nkind: {}\n".format(*kind.split()) + body for kind in kinds for body in bodies]
        write("charts/web/templates/web.yaml", "---\n".join(objects))
        helm = "helm: {parameters: [{name: team, value: '{{name}}'}]}"
        write("argocd/set.yaml", an_application_set(f"[{ON_EVERY_CLUSTER}]", "charts/web", "{{name}}", helm))
        found = Scanned(repository)
        assert "(unknown)/ConfigMap/(unknown)" in found.addresses
        estate = normalize.inventory(Partition("test", found.documents), found.ledger)
        analyze.facts(estate, found.ledger, analyze.names())
        assert len(list(estate)) >= len(objects)
        assert found.problems == []


PATCH = """
  templatePatch: |
    spec:
      source:
        helm:
          valueFiles:
          {{- range $file := .files }}
            - {{ $file }}
          {{- end }}
"""


def test_a_patch_is_written_over_the_template(repository: Path, write: Write) -> None:
    generators = "[{list: {elements: [{region: eu, files: [env/eu.yaml]}, {region: us, files: [env/us.yaml]}]}}]"
    text = an_application_set(generators, "charts/web", "{{.region}}", "helm: {releaseName: web}", GO)
    write("argocd/set.yaml", text + PATCH)
    assert replicas(Scanned(repository)) == {"eu": 20, "us": 30}


def test_a_generator_has_a_template_of_its_own(repository: Path, write: Write) -> None:
    own = "template: {metadata: {}, spec: {source: {path: 'apps/scorer'}, destination: {namespace: own}}}"
    generators = f"[{{list: {{elements: [{{region: eu}}], {own}}}}}]"
    write("argocd/set.yaml", an_application_set(generators, "charts/web", "prod"))
    assert "own/ConfigMap/scorer" in Scanned(repository).addresses


def test_a_selector_picks_among_what_generators_give(repository: Path, write: Write) -> None:
    generators = f"[{{selector: {{matchExpressions: [{{key: region, operator: NotIn, values: [us]}}]}}, {REGIONS[1:]}]"
    helm = "helm: {valueFiles: ['env/{{region}}.yaml']}"
    write("argocd/set.yaml", an_application_set(generators, "charts/web", "{{region}}", helm))
    assert replicas(Scanned(repository)) == {"eu": 20}


def test_settings_of_kustomize(repository: Path, write: Write) -> None:
    write("k/kustomization.yaml", "resources: [web.yaml]\n")
    write("k/web.yaml", CHART.replace("{{ .Values.", "x").replace(" | quote }}", "").replace("xreplicas }}", "2"))
    settings = (
        "kustomize: {namePrefix: '{{region}}-', images: ['web=registry.acme.example/web:{{region}}'],"
        " replicas: [{name: web, count: 4}], commonLabels: {cost-center: cc-1}, namespace: forced}"
    )
    write("argocd/set.yaml", an_application_set(f"[{REGIONS}]", "k", "prod", settings))
    body = Scanned(repository).body("forced/Deployment/eu-web")
    assert body["spec"]["replicas"] == 4
    assert body["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.acme.example/web:eu"
    assert body["spec"]["template"]["metadata"]["labels"]["cost-center"] == "cc-1"


def test_lines_lead_into_the_values_file_of_the_list(repository: Path, write: Write) -> None:
    helm = "helm: {valueFiles: ['env/{{region}}.yaml']}"
    write("argocd/set.yaml", an_application_set(f"[{REGIONS}]", "charts/web", "{{region}}", helm))
    found = Scanned(repository)
    assert found.line("us/Deployment/web", "spec", "replicas") == ("charts/web/env/us.yaml", "replicas: 30")


def test_an_explosion_of_pairs_is_told(repository: Path, write: Write) -> None:
    many = "{list: {elements: [" + ", ".join(f"{{a{{n}}: '{n}'}}".replace("{n}", "") for n in range(100)) + "]}}"
    generators = f"[{{matrix: {{generators: [{many}, {many}]}}}}]"
    write("argocd/set.yaml", an_application_set(generators, "charts/web", "web"))
    assert Scanned(repository).ledger.skipped[UNCLEAR] == 1


def test_applications_that_a_kustomization_installs_are_followed(repository: Path, write: Write) -> None:
    write("argocd/kustomization.yaml", "resources: [set.yaml]\n")
    write("argocd/set.yaml", an_application_set(DIRECTORIES, "{{path}}", "{{path.basename}}"))
    found = Scanned(repository)
    assert "scorer/ConfigMap/scorer" in found.addresses
    assert "ConfigMap/scorer" not in found.addresses
    assert found.line("scorer/ConfigMap/scorer", "kind") == ("apps/scorer/map.yaml", "kind: ConfigMap")


class TestPlainFolders:
    """Manifests that are neither a chart nor a kustomization, but are installed somewhere all the same."""

    @pytest.fixture(autouse=True)
    def folders(self, repository: Path, write: Write) -> None:
        for name in ("red", "blue"):
            write(f"plain/{name}/map.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
            write(f"plain/{name}/role.yaml", f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: ns-{name}}}\n")
            write(f"plain/{name}/own.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: own}\n")
            write(f"plain/{name}/more/map.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: more-{name}}}\n")

    def test_an_application_set_puts_them_into_its_namespaces(self, repository: Path, write: Write) -> None:
        generators = f"[{{git: {{repoURL: {REPOSITORY}, directories: [{{path: plain/*}}]}}}}]"
        write("zz/set.yaml", an_application_set(generators, "{{path}}", "{{path.basename}}"))
        found = Scanned(repository)
        assert {"red/ConfigMap/red", "blue/ConfigMap/blue", "Namespace/ns-red", "own/Secret/s"} <= set(found.addresses)
        assert "ConfigMap/more-red" in found.addresses, "folders inside are not installed"
        assert found.line("red/ConfigMap/red", "kind") == ("plain/red/map.yaml", "kind: ConfigMap")
        assert len([one for one in found.documents if one.body["kind"] == "ApplicationSet"]) == 1

    def test_folders_inside_where_that_is_asked_for(self, repository: Path, write: Write) -> None:
        more = "directory: {recurse: true}"
        write("zz/set.yaml", an_application_set(f"[{REGIONS}]", "plain/red", "here", more))
        assert "here/ConfigMap/more-red" in Scanned(repository).addresses

    @pytest.mark.parametrize("more", ["", "directory: {include: 'map*'}", "directory: {exclude: 'map*'}"])
    def test_where_it_may_be_elsewhere_nothing_is_said(self, repository: Path, write: Write, more: str) -> None:
        namespace = "here" if more else "{{region}}"
        write("zz/set.yaml", an_application_set(f"[{REGIONS}]", "plain/red", namespace, more))
        assert "ConfigMap/red" in Scanned(repository).addresses

    def test_flux_moves_all_of_them(self, repository: Path, write: Write) -> None:
        spec = "path: ./plain/red, targetNamespace: here, sourceRef: {kind: GitRepository, name: platform}"
        kind = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization"
        write("zz/flux.yaml", f"{kind}\nmetadata: {{name: k, namespace: flux-system}}\nspec: {{{spec}}}\n")
        expected = {"here/ConfigMap/red", "here/ConfigMap/more-red", "here/Secret/s", "Namespace/ns-red"}
        assert expected <= set(Scanned(repository).addresses)
