import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"


def body(write: Write, read: Read, text: str, name: str = "x.yaml") -> Any:
    write(name, text)
    loaded = read(name)
    assert not loaded.problems
    (document,) = loaded.documents
    return document.body


def test_streams_lists_and_what_is_no_object(write: Write, read: Read) -> None:
    write(
        "all.yaml",
        "# only a comment\n---\n" + POD + "---\n---\nfoo: bar\n--- # a list\n"
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s, namespace: ns}\n"
        "- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: Pod, metadata: {generateName: g-}}, 1]\n"
        "---\napiVersion: v1\nkind: PodList\nitems: [{metadata: {name: p}, spec: {}}]\n",
    )
    loaded = read()
    assert [(document.origin.address, document.origin.pointer) for document in loaded.documents] == [
        ("Pod/x", (0,)),
        ("ns/Secret/s", (3, "items", 0)),
        ("Pod/g-*", (3, "items", 1, "items", 0)),
        ("Pod/p", (4, "items", 0)),
    ]
    assert loaded.documents[3].body["apiVersion"] == "v1"
    assert {document.dialect for document in loaded.documents} == {"kubernetes"}


def test_a_custom_resource_whose_kind_ends_in_list_stays_whole(write: Write, read: Read) -> None:
    found = body(write, read, "apiVersion: x/v1\nkind: AllowList\nmetadata: {name: x}\nspec: {}\nitems: [{a: 1}]\n")
    assert found["items"] == [{"a": 1}]


def test_json_objects_and_lists(write: Write, read: Read) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}
    write("a.json", json.dumps(pod))
    write("b.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]}))
    assert [document.origin.pointer for document in read().documents] == [(), ("items", 0)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", True),
        ("Off", False),
        ("y", True),
        ('"yes"', "yes"),
        ("'on' # yes", "on"),
        ("0777", 511),
        ('"0777"', "0777"),
        ("-017", -15),
        ("0o17", 15),
        ("089", 89.0),
        ("1_000", 1000),
        ("0x1F", 31),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("1e3", 1000.0),
        ("~", None),
        ("[yes, no]", [True, False]),
        ("|\n  a: yes\n", "a: yes\n"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("!vault abc", {"!vault": "abc"}),
        ("1.2.3_4", "1.2.3_4"),
    ],
)
def test_plain_values_are_what_kubernetes_reads(write: Write, read: Read, written: str, meant: Any) -> None:
    found = body(write, read, f"{POD}x: {written}\n")["x"]
    assert found == meant
    assert type(found) is type(meant)


def test_values_beside_an_exact_one_are_the_same_as_without_it(write: Write, read: Read) -> None:
    text = "a: 1\nb: 1.5\nc: 'x'\nd: [1, {e: true}]\nf:\n- g: null\n  h: \"\"\ni: !Ref x\nj: !a {k: [l]}\nm: .inf\n"
    plain = body(write, read, POD + text)
    exact = body(write, read, POD + text + "z: yes\n", "y.yaml")
    assert exact == {**plain, "z": True}


def test_merges_anchors_and_keys_that_are_no_text(write: Write, read: Read) -> None:
    found = body(
        write,
        read,
        POD + "base: &base {a: 1, b: 2}\nx:\n  <<: *base\n  b: 3\nz: *base\ndata:\n  1: one\n  on: two\n  null: nil\n",
    )
    assert found["x"] == {"a": 1, "b": 3}
    assert found["z"] == {"a": 1, "b": 2}
    assert found["data"] == {"1": "one", "true": "two", "null": "nil"}


def test_charts_kustomizations_and_templates_are_passed_over_by_name(write: Write, read: Read) -> None:
    write("chart/Chart.yaml", "apiVersion: v2\nname: x\nkind: x\n")
    write("chart/values.yaml", "a: 1\n")
    write("chart/templates/pod.yaml", POD + "x: {{ .Values.a }}\n")
    write("chart/templates/quoted.yaml", POD + 'x: "{{ .Values.a }}"\n')
    write("chart/templates/plain.yaml", POD)
    write("k/kustomization.yaml", "resources: [x.yaml]\n")
    write("k/other.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
    write("ansible.yaml", POD + "{% if x %}\ny: {{ z }}\n{% endif %}\n")
    write("argo.yaml", POD.replace("name: x", "name: argo") + 'x: "{{inputs.parameters.y}}"\n')
    write("ci.yaml", "on: push\njobs: {}\n")
    loaded = read()
    assert not loaded.problems
    assert loaded.addresses == ["Pod/argo", "Pod/x"]
    assert loaded.ledger.skipped == {
        "helm chart, not rendered": 2,
        "helm template, not rendered": 2,
        "kustomization, not rendered": 2,
        "template, not rendered": 1,
        "not infrastructure": 1,
    }


def test_objects_behind_a_template_in_one_stream_are_read_like_those_before_it(write: Write, read: Read) -> None:
    broken = POD + "x: {{ .Values.a }}: [\n"
    write("s.yaml", POD + "---\n" + broken + "---\n" + POD.replace("name: x", "name: behind"))
    loaded = read()
    assert loaded.addresses == ["Pod/x", "Pod/behind"]
    assert loaded.ledger.skipped == {"template, not rendered": 1}


def test_a_kustomization_is_looked_at_for_the_secrets_it_makes(write: Write, read: Read) -> None:
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    write(
        "proxy/kustomization.yaml", head + "secretGenerator:\n- name: proxy\n  literals: [client-secret=pUBnBOY80S]\n"
    )
    write("plain/kustomization.yaml", head + "resources: [x.yaml]\n")
    loaded = read()
    assert loaded.addresses == ["Kustomization/proxy"]
    assert loaded.ledger.skipped == {"kustomization, not rendered": 2}


def test_a_patch_of_a_kustomization_is_no_object_of_its_own(write: Write, read: Read) -> None:
    write(
        "k/kustomization.yaml",
        "resources: [whole.yaml]\npatches:\n- path: one.yaml\n- patch: |-\n    a: b\n- path: sub/two.yaml\n"
        "patchesStrategicMerge:\n- ../three.yaml\n- |-\n  apiVersion: v1\n",
    )
    for name in ("k/whole.yaml", "k/one.yaml", "k/sub/two.yaml", "k/sub/other.yaml", "one.yaml"):
        write(name, POD.replace("name: x", f"name: {name}"))
    loaded = read()
    assert loaded.addresses == ["Pod/k/sub/other.yaml", "Pod/k/whole.yaml", "Pod/one.yaml"]
    assert loaded.ledger.skipped["kustomize patch, not rendered"] == 2
    write("k/kustomization.yaml", "patches: 7")
    assert len(read("k").documents) == 4


def test_a_patch_that_its_kustomization_has_switched_off_is_no_object_either(write: Write, read: Read) -> None:
    part = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2}\n"
    whole = part.replace("{replicas: 2}", "{selector: {matchLabels: {a: b}}}").replace("name: x", "name: whole")
    write("k/kustomization.yaml", "resources: [whole.yaml]\n# patches: [{path: part.yaml}]\n")
    write("k/part.yaml", part)
    write("k/patches/part.yaml", part)
    write("k/both.yaml", whole + "---\n" + part)
    write("plain/part.yaml", part)
    loaded = read()
    assert loaded.addresses == ["Deployment/whole", "Deployment/x"]
    assert [document.origin.uri for document in loaded.documents] == ["k/both.yaml", "plain/part.yaml"]
    assert loaded.ledger.skipped["kustomize patch, not rendered"] == 2


def test_yaml_that_is_no_manifest_is_not_reported_as_broken(write: Write, read: Read) -> None:
    write("a.yaml", "a: [\n")
    write("b.yaml", "text: apiVersion and kind\nb: [\n")
    loaded = read()
    assert not loaded.problems
    assert loaded.ledger.skipped == {"not infrastructure": 2}


def test_windows_line_ends_and_documents_that_end_with_dots(write: Write, read: Read) -> None:
    write("w.yaml", (POD + "---\n" + POD).replace("\n", "\r\n"))
    write("d.yaml", "%YAML 1.1\n---\n" + POD + "...\n---\n" + POD)
    loaded = read()
    assert [document.origin.pointer for document in loaded.documents] == [(0,), (1,), (0,), (1,)]
    assert not loaded.problems


def test_metadata_of_any_shape_gives_an_address(write: Write, read: Read) -> None:
    for number, metadata in enumerate(("null", "[]", "{name: [1]}", "{namespace: 5, name: 6}")):
        write(f"{number}.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n")
    assert read().addresses == ["Pod/(unnamed)", "Pod/(unnamed)", "Pod/[1]", "5/Pod/6"]
