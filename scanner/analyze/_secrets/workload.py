"""Where pods take their secrets from: Vault by agent, CSI volume or operator, External Secrets, or a plain secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scanner.analyze._namespaces import known_namespace
from scanner.analyze._secrets.makers import SecretMakers
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Path, Resource, Unknown

AGENT, CSI, ESO, VSO, CLOUD, CERTIFICATE, PLAIN = (
    "vault-agent",
    "vault-csi",
    "external-secrets",
    "vault-secrets-operator",
    "cloud-secret-manager",
    "cert-manager",
    "kubernetes-secret",
)
CSI_DRIVER = "secrets-store.csi.k8s.io"
AGENT_ASKED = "vault.hashicorp.com/agent-inject"
_TRUE = frozenset({"1", "t", "true"})
"""As Go reads what is true, which also takes `True` and `TRUE`. Source: `strconv.ParseBool`, as vault-k8s calls it."""

_VAULTS_GENERATOR = "VaultDynamicSecret"
_OF_CLUSTER = "ClusterGenerator"


class Source(Struct, frozen=True):
    """One way a workload takes secrets."""

    word: Any
    """One of the words of the fact; may be `Unknown`."""
    vault: Any
    """Whether Vault is behind it; may be `Unknown`."""
    citation: Citation


def workload_sources(workload: Resource, makers: SecretMakers) -> list[Source]:
    """Every way the workload's pods take secrets. Raises `UnknownRead` if its pods are not known."""
    found: list[Source] = []
    for template in workload.attributes["pod_templates"]:
        base: Path = tuple(template["path"])
        found += _agent(workload, template, base)
        found += _bank_vaults(workload, template["spec"], base)
        found += _volumes(workload, template["spec"], base, makers)
        found += [
            _made_secret(name, Citation(workload.origin, path), workload, makers)
            for path, name in _secret_names(template["spec"], base)
            if name
        ]
    return found + [
        _made_secret(name, Citation(workload.origin, path), workload, makers)
        for path, name in _beside_pods(workload)
        if name
    ]


def asks_for_agent(annotations: Mapping[str, Any]) -> bool:
    """Whether Vault's injector gives these pods an agent."""
    return text(annotations.get(AGENT_ASKED)).lower() in _TRUE


def _agent(workload: Resource, template: Mapping[str, Any], base: Path) -> Iterator[Source]:
    if asks_for_agent(template["annotations"]):
        path = (*base[:-1], "metadata", "annotations", AGENT_ASKED)
        yield Source(AGENT, vault=True, citation=Citation(workload.origin, path))


def _containers(spec: Any, base: Path) -> Iterator[tuple[Path, Any]]:
    for field_name in ("containers", "initContainers"):
        for index, container in enumerate(items(at(spec, field_name))):
            yield (*base, field_name, index), container


def _bank_vaults(workload: Resource, spec: Any, base: Path) -> Iterator[Source]:
    """The webhook of Bank-Vaults replaces values that begin with `vault:` when the container starts."""
    for path, container in _containers(spec, base):
        for index, entry in enumerate(items(at(container, "env"))):
            if text(at(entry, "value")).lstrip(">").startswith("vault:"):
                yield Source(AGENT, vault=True, citation=Citation(workload.origin, (*path, "env", index, "value")))


def _volumes(workload: Resource, spec: Any, base: Path, makers: SecretMakers) -> Iterator[Source]:
    for index, volume in enumerate(items(at(spec, "volumes"))):
        csi = at(volume, "csi")
        if text(at(csi, "driver")) == CSI_DRIVER:
            name = text(at(csi, "volumeAttributes", "secretProviderClass"))
            path = (*base, "volumes", index, "csi", "volumeAttributes", "secretProviderClass")
            yield _of_provider(name, Citation(workload.origin, path), workload, makers)


def _of_provider(name: str, place: Citation, workload: Resource, makers: SecretMakers) -> Source:
    store = makers.stores.get(("SecretProviderClass", known_namespace(workload), name))
    if store is None:
        unknown = Unknown(f"SecretProviderClass {name} is not among the files")
        return Source(unknown, unknown, place)
    return _csi_source(store, place)


def _csi_source(store: Resource, place: Citation) -> Source:
    backend = store.attributes["backend"]
    if isinstance(backend, Unknown):
        return Source(backend, backend, place)
    return Source(CSI if backend == "vault" else CLOUD, backend == "vault", place)


def _secret_names(spec: Any, base: Path) -> Iterator[tuple[Path, str]]:
    """Every Kubernetes secret the pods read, once for each place."""
    for path, container in _containers(spec, base):
        for index, entry in enumerate(items(at(container, "env"))):
            reference = text(at(entry, "valueFrom", "secretKeyRef", "name"))
            yield (*path, "env", index, "valueFrom", "secretKeyRef", "name"), reference
        for index, entry in enumerate(items(at(container, "envFrom"))):
            yield (*path, "envFrom", index, "secretRef", "name"), text(at(entry, "secretRef", "name"))
    for index, volume in enumerate(items(at(spec, "volumes"))):
        yield (*base, "volumes", index, "secret", "secretName"), text(at(volume, "secret", "secretName"))
        for number, entry in enumerate(items(at(volume, "projected", "sources"))):
            path = (*base, "volumes", index, "projected", "sources", number, "secret", "name")
            yield path, text(at(entry, "secret", "name"))


def _beside_pods(workload: Resource) -> Iterator[tuple[Path, str]]:
    """Secrets that the object names for its operator to pass on, such as the Redis password of a Ray cluster."""
    specs = {tuple(template["path"]) for template in workload.attributes["pod_templates"]}
    waiting: list[tuple[Path, Any]] = [(("spec",), workload.native.get("spec"))]
    while waiting:
        path, value = waiting.pop()
        if path in specs or isinstance(value, Unknown):
            continue
        for key, inner in mapping(value).items():
            if key == "secretKeyRef":
                yield (*path, key, "name"), text(at(inner, "name"))
            waiting.append(((*path, key), inner))
        waiting += [((*path, index), inner) for index, inner in enumerate(items(value))]


def _made_secret(name: str, place: Citation, workload: Resource, makers: SecretMakers) -> Source:
    key = (known_namespace(workload), name)
    maker = makers.makers.get(key)
    if maker is not None:
        return _of_maker(maker, place, makers)
    if key in makers.written and ("", name) not in makers.makers:
        return Source(PLAIN, vault=False, citation=place)
    unknown = Unknown(_why_not_found(name, key[0], makers))
    return Source(unknown, unknown, place)


def _why_not_found(name: str, namespace: str, makers: SecretMakers) -> str:
    """A secret of this name may be in view, with a namespace that cannot be compared."""
    places = {key[0] for key in (*makers.makers, *makers.written) if key[1] == name}
    if places and (not namespace or "" in places):
        return f"whether secret {name} is the one among the files is open: a manifest names no namespace"
    return f"secret {name} is not among the files, nor what makes it"


def _of_maker(maker: Resource, place: Citation, makers: SecretMakers) -> Source:
    if maker.type == "secret.store":
        return _csi_source(maker, place)
    if maker.native_type.startswith("secrets.hashicorp.com/"):
        return Source(VSO, vault=True, citation=place)
    if maker.native_type == "cert-manager.io/Certificate":
        issuer = _referred(maker, "issuerRef", "Issuer", makers)
        vault = issuer if isinstance(issuer, Unknown) else at(issuer.native, "spec", "vault") is not None
        return Source(CERTIFICATE, vault, place)
    return Source(ESO, any_of([_is_from_vault(source, maker, makers) for source in _external(maker)]), place)


def _external(maker: Resource) -> list[Mapping[str, Any]]:
    """Where an ExternalSecret takes its values from; an entry may name a store or a generator of its own."""
    spec = mapping(maker.native.get("spec"))
    usual = {"storeRef": spec.get("secretStoreRef")}
    entries = [mapping(entry) for field in ("data", "dataFrom") for entry in items(spec.get(field))]
    return [mapping(entry.get("sourceRef")) or usual for entry in entries] or [usual]


def _is_from_vault(source: Mapping[str, Any], maker: Resource, makers: SecretMakers) -> bool | Unknown:
    generator = mapping(source.get("generatorRef"))
    if text(generator.get("kind")) == _OF_CLUSTER:
        return Unknown(f"what {_OF_CLUSTER} {text(generator.get('name'))} makes is not looked into")
    if generator:
        return text(generator.get("kind")) == _VAULTS_GENERATOR
    store = _named(mapping(source.get("storeRef")), maker, "SecretStore", makers)
    backend = store if isinstance(store, Unknown) else store.attributes["backend"]
    return backend if isinstance(backend, Unknown) else backend == "vault"


def any_of(answers: Sequence[bool | Unknown]) -> bool | Unknown:
    """One that is true decides, whatever is not known of the others."""
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def _referred(maker: Resource, field_name: str, default: str, makers: SecretMakers) -> Resource | Unknown:
    return _named(mapping(at(maker.native, "spec", field_name)), maker, default, makers)


def _named(reference: Mapping[str, Any], maker: Resource, default: str, makers: SecretMakers) -> Resource | Unknown:
    """The store or issuer that an object refers to, of the default kind unless it says so."""
    kind, name = text(reference.get("kind")) or default, text(reference.get("name"))
    namespace = "" if kind.startswith("Cluster") else known_namespace(maker)
    found = makers.stores.get((kind, namespace, name))
    return Unknown(f"{kind} {name} is not among the files") if found is None else found
