"""Reads Terraform and OpenTofu state: what stands, rather than what somebody wants.

Two shapes are known: `terraform show -json` of a state, and the file `terraform.tfstate` itself (version 4, which
Terraform writes since 0.12). A state file is a partition of its own, also where its plan or configuration is scanned as
well: they describe different worlds.

A body has the shape that `terraform_plan` documents. `actions` is empty, because a state changes nothing, and every
value is known: one that is null is not set, but for what is tainted, whose creation may have broken off before its
values were known. A state does not say who chose a value, so `expressions` is empty: whether
somebody wrote a password or a key's id, or a provider filled it in, is for its readers to leave open. Providers keep
secrets in it in the clear. `provider_config` is empty too; resources share one only where the state tells that they
share a provider configuration, which `terraform show` leaves out.

Shapes: https://developer.hashicorp.com/terraform/internals/json-format and, as the file's own is not documented,
https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scanner.errors import LoadError
from scanner.load._files import File, Options, Scope
from scanner.load._hcl import terraform_settings
from scanner.load._plan.instances import PLAN_KEYS, identity, in_module, is_instance, is_known_format, listed
from scanner.load._plan.modules import Modules
from scanner.load._plan.values import marked
from scanner.load._text import Place
from scanner.model import Citation, Document, Ledger, Origin, Path, Unknown
from scanner.patterns import regex

DIALECT = "terraform"
SOURCE = "terraform_state"
SUFFIXES = (".json", ".tfstate")
SCOPE = Scope.FILE

DEPOSED = "deposed object in a terraform state (it waits to be destroyed)"

_VERSION = 4
_MARKS = (b'"format_version"', b'"lineage"', b'"serial"', b'"encrypted_data"')
_PROVIDER = regex(r'provider(?:\["(?P<source>[^"]+)"\]|\.(?P<name>[^.]+))')
_Bodies = Iterator[tuple[Path, dict[str, Any] | None]]
"""Where the values of an instance stand, and its body; None for what is no instance of a resource."""
_NO_EXPRESSIONS: Mapping[str, Any] = {}
_NO_MODULES: Modules = {}
_NEWER = "Use a newer Terraform, which writes version 4."
_PULL = "Write it again: terraform state pull > terraform.tfstate"


def claims(file: File) -> bool:
    """Whether the file is a state of any version, also one that cannot be read."""
    data = file.data.lstrip()
    if not data.startswith(b"{") or not any(mark in data for mark in _MARKS):
        return False
    value = file.json
    return _is_shown(value) or _is_encrypted(value) or _is_raw(value)


def documents(file: File, ledger: Ledger) -> Iterator[Document]:
    """One document an instance, in the order of the state; data sources are among them, with mode `data`.

    Then the outputs that have to do with a secret, see `_hcl/terraform_settings`.
    """
    state: Mapping[str, Any] = file.json
    if _is_encrypted(state):
        # OpenTofu encrypts plans in the same way; only a state keeps its lineage in the clear.
        what, show = ("state", "tofu show -json") if "lineage" in state else ("plan", "tofu show -json PLANFILE")
        raise LoadError(f"is an encrypted OpenTofu {what}", f"Run where its key is at hand: {show} > {what}.json")
    if "backend" in state and "resources" not in state:
        raise LoadError("says where a state is kept, and holds none", _PULL)
    bodies = _shown(state, ledger) if _is_shown(state) else _raw(state, ledger)
    lost = 0
    for pointer, body in bodies:
        if body is None:
            lost += 1
        else:
            yield Document(DIALECT, body, Origin(file.uri, SOURCE, pointer, body["address"]))
    for pointer, body in _outputs(state):
        yield Document(DIALECT, body, Origin(file.uri, SOURCE, pointer, body["address"]))
    if lost:
        ledger.problem("load", file.uri, f"holds {lost} entries that are no resources: no type, name or values", _PULL)


def _outputs(state: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    values = state.get("values") if _is_shown(state) else state
    if isinstance(values, dict):
        pointer = ("values", "outputs") if _is_shown(state) else ("outputs",)
        yield from terraform_settings.of_state(values.get("outputs"), pointer)


def places(file: Callable[[], File], citations: Sequence[Citation], options: Options) -> Iterator[Place | None]:
    """Where each citation is written: in the configuration where it is at hand, else in the state itself."""
    from scanner.load._plan.beside import places as beside  # noqa: PLC0415  # a parser only findings need

    return beside(file, citations, options, _head)


def _head(pointer: Path) -> Path:
    """Where a whole resource is shown: at its address, or in the file itself at its name; an output as it is."""
    if pointer[-2:-1] == ("outputs",):
        return pointer
    raw = "instances" in pointer
    return (*pointer[: pointer.index("instances")], "name") if raw else (*pointer[:-1], "address")


def _is_shown(value: Mapping[str, Any]) -> bool:
    return "format_version" in value and "values" in value and value.keys().isdisjoint(PLAN_KEYS)


def _is_encrypted(value: Mapping[str, Any]) -> bool:
    return "encrypted_data" in value and "encryption_version" in value


def _is_raw(value: Mapping[str, Any]) -> bool:
    """The first versions had no lineage."""
    return isinstance(value.get("version"), int) and ("lineage" in value or {"serial", "modules"} <= value.keys())


def _shown(state: Mapping[str, Any], ledger: Ledger) -> _Bodies:
    """The instances of `terraform show -json`."""
    version = str(state["format_version"])
    if not is_known_format(version):
        hint = "Known are 0.1, 0.2 and 1.x. Look for a newer govscan, or show it with an older Terraform."
        raise LoadError(f"is a state of format version {version}, which is not known", hint)
    values = state["values"]
    root = values.get("root_module") if isinstance(values, dict) else None
    for pointer, entry in in_module(root, ("values", "root_module")):
        if "deposed_key" in entry:
            ledger.skipped[DEPOSED] += 1
        else:
            marks = frozenset(marked(entry.get("sensitive_values")))
            values = _broken_off(entry.get("values")) if entry.get("tainted") is True else entry.get("values")
            yield (*pointer, "values"), _body(entry, values, marks, {})


def _raw(state: Mapping[str, Any], ledger: Ledger) -> _Bodies:
    """The instances of a state file."""
    version = state["version"]
    if version < _VERSION:
        raise LoadError(f"is a state file of version {version}, from before Terraform 0.12", f"{_NEWER} {_PULL}")
    if version > _VERSION:
        raise LoadError(f"is a state file of version {version}, which is not known", "Look for a newer govscan.")
    configured: dict[str, dict[str, Any]] = {}
    for index, resource in enumerate(listed(state, "resources")):
        instances = listed(resource, "instances") if isinstance(resource, dict) else [None]
        for number, instance in enumerate(instances):
            pointer = ("resources", index, "instances", number, "attributes")
            if not isinstance(instance, dict):
                yield pointer, None
            elif "deposed" in instance:
                ledger.skipped[DEPOSED] += 1
            else:
                provider = configured.setdefault(str(resource.get("provider")), {})
                yield pointer, _instance(resource, instance, provider)


def _instance(
    resource: Mapping[str, Any], instance: Mapping[str, Any], provider: dict[str, Any]
) -> dict[str, Any] | None:
    """What `terraform show` would call one instance of a resource, read as that."""
    index, module = instance.get("index_key"), resource.get("module")
    block = f"{resource.get('type')}.{resource.get('name')}"
    own = f"data.{block}" if resource.get("mode") == "data" else block
    suffix = "" if index is None else f"[{json.dumps(index, ensure_ascii=False)}]"
    entry = {
        **{key: resource.get(key) for key in ("mode", "type", "name")},
        "address": (f"{module}." if module else "") + own + suffix,
        "module_address": module or "",
        "index": index,
        "provider_name": _provider(str(resource.get("provider"))),
    }
    marks = frozenset(_path(steps) for steps in listed(instance, "sensitive_attributes"))
    values = instance.get("attributes")
    return _body(entry, _broken_off(values) if instance.get("status") == "tainted" else values, marks, provider)


def _body(
    entry: Mapping[str, Any], values: Any, sensitive: frozenset[Path], provider: dict[str, Any]
) -> dict[str, Any] | None:
    if not is_instance(entry) or not isinstance(values, dict):
        return None
    return {
        **identity(entry),
        "values": values,
        "before": None,
        "actions": (),
        "sensitive": sensitive,
        "expressions": _NO_EXPRESSIONS,
        "repeated": _NO_EXPRESSIONS,
        "modules": _NO_MODULES,
        "provider_config": provider,
    }


def _broken_off(values: Any, name: str = "") -> Any:
    """Terraform leaves null what it did not come to know, and what is not set as well."""
    if isinstance(values, dict):
        return {key: _broken_off(value, key) for key, value in values.items()}
    if isinstance(values, list):
        return [_broken_off(value, name) for value in values]
    return Unknown("not known: it is tainted, so its creation may have broken off", name) if values is None else values


def _provider(written: str) -> str:
    """`registry.terraform.io/hashicorp/aws` of `module.a.provider["registry.terraform.io/hashicorp/aws"].west`.

    Terraform 0.12 wrote `module.a.provider.aws.west`.
    """
    match = _PROVIDER.search(written)
    return (match["source"] or match["name"]) if match else ""


def _path(steps: Any) -> Path:
    """A path into the attributes; as far as its steps can be read, so that never too little is taken for sensitive."""
    path: list[str | int] = []
    for step in steps if isinstance(steps, list) else ():
        value = step.get("value") if isinstance(step, dict) else None
        value = value.get("value") if isinstance(value, dict) else value
        if not isinstance(value, str | int):
            break
        path.append(value)
    return tuple(path)
