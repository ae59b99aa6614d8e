"""From an evaluated root module to the documents of its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scanner.load._hcl import terraform_settings
from scanner.load._hcl.adapted import INSIDE, taken_out
from scanner.load._hcl.addresses import bracketed, joined
from scanner.load._hcl.evaluator import Blocks
from scanner.load._hcl.modules import Module
from scanner.load._hcl.references import module as written
from scanner.load._hcl.references import repeated
from scanner.load._hcl.syntax import Body, Written
from scanner.load._hcl.trust import Opaque, keys_known
from scanner.load._hcl.values import Reader
from scanner.load._plan.addresses import without_indexes
from scanner.load._plan.modules import Later, Modules
from scanner.load._plan.providers import SETTINGS, ignored
from scanner.patterns import regex

FROM_ARGUMENTS = frozenset({"aws_iam_policy_document", "google_iam_policy", "vault_policy_document"})
"""Data sources that ask nobody: what they give is made from their arguments."""

_CALLS = regex(r"(?:module\.[^.]+\.)+")
_LOST = "not evaluated without a plan"
"""Why nothing is known of what surely exists, and that the evaluator does not show."""

_DEFAULT_TAGS = {"google": "default_labels", "google-beta": "default_labels"}


class _Instance(Struct, frozen=True):
    """One instance of a module: its address, empty for the root."""

    module: Module
    address: str
    reader: Reader


class Bodies:
    """All resource instances of a root module, in the shape that `terraform_plan` documents."""

    def __init__(self, evaluated: Blocks) -> None:
        self._found: dict[str, list[Mapping[str, Any]]] = {}
        for blocks in evaluated.values():
            for block in blocks:
                self._found.setdefault(without_indexes(_path(block)), []).append(block)
        self._evaluated = {match[0] for path in self._found if (match := _CALLS.match(path))}
        self.lost: list[str] = []
        """Modules that the evaluator could not read; it does not say so by itself, and shows nothing of them."""
        self._settings: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._repeated: dict[int, Later] = {}
        self._modules: Modules = {}

    def of(self, module: Module, address: str = "", unknown: str = "") -> Iterator[dict[str, Any]]:
        """The bodies of a module instance and of the modules it calls.

        `unknown` says why it is not known whether the module has this instance; empty if it has.
        """
        instance = _Instance(module, address, Reader(module, lambda name: self._named(address, name)))
        for key, block in module.blocks.items():
            if len(key) == 3 and (key[0] == "resource" or (key[0] == "data" and key[1] in FROM_ARGUMENTS)):  # noqa: PLR2004  # kind, type, name
                yield from self._block(instance, key, block, unknown)
        if not address:
            modules = self._modules_of(module.root())
            yield from terraform_settings.of_module(module, instance.reader, self._found, modules)
        for name in module.absent:
            yield self._absent(instance, name)
        for name, child in module.children.items():
            yield from self._child(instance, name, child, unknown)

    def _child(self, instance: _Instance, name: str, child: Module, unknown: str) -> Iterator[dict[str, Any]]:
        plain = joined(instance.address, f"module.{name}")
        existence = keys_known(instance.module.instances(child.call))
        if unknown or isinstance(existence, Opaque):
            reason = existence.reason if isinstance(existence, Opaque) else unknown
            yield from self.of(child, plain, reason)
            return
        block = instance.module.blocks["module", name]
        entries = list(self._instances(instance.address, f"module.{name}", block))
        if any(_is_one_of_many(block, entry, index) for entry, index in entries):
            yield from self.of(child, plain, _LOST)
        elif self._is_lost(child, plain) if entries else _is_single(block):
            self.lost.append(plain)
            yield from self.of(child, plain, _LOST)
        else:
            for entry, _ in entries:
                yield from self.of(child, _path(entry))

    def _is_lost(self, module: Module, address: str) -> bool:
        """Whether nothing is shown of a module that declares something which is always shown."""
        kinds = {"variable", "output", "resource", "data"}
        told = bool(module.locals) or any(key[0] in kinds and _is_single(block) for key, block in module.blocks.items())
        return told and f"{without_indexes(address)}." not in self._evaluated

    def _block(
        self, instance: _Instance, key: tuple[str, ...], block: Written, unknown: str
    ) -> Iterator[dict[str, Any]]:
        kind, native, name = key
        own = f"{'data.' if kind == 'data' else ''}{native}.{name}"
        existence = keys_known(instance.module.instances(block.body))
        if unknown or isinstance(existence, Opaque):
            reason = existence.reason if isinstance(existence, Opaque) else unknown
            values = instance.reader.unknown(block.body, _depends(reason))
            yield self._body(instance, key, block.body, None, values)
            return
        bound = instance.module.bound(block.body)
        made = False
        for entry, index in self._instances(instance.address, own, block):
            if _is_one_of_many(block, entry, index):
                break
            made = True
            values = instance.reader.values(block.body, entry, bound)
            yield self._body(instance, key, block.body, index, values)
        else:
            if made or not _is_single(block):
                return
        yield self._body(instance, key, block.body, None, instance.reader.unknown(block.body, _LOST))

    def _instances(self, module: str, own: str, block: Written) -> Iterator[tuple[Mapping[str, Any], Any]]:
        """The evaluator's instances of a block with their index. It may make more of them than it should."""
        prefix = joined(module, own)
        seen: set[str] = set()
        for entry in self._found.get(without_indexes(prefix), ()):
            path = _path(entry)
            if path in seen or entry["__tfmeta"].get("line_start") != block.line:
                continue  # declared twice, which Terraform refuses
            seen.add(path)
            if path == prefix:
                yield entry, None
            elif path.startswith(f"{prefix}["):
                index = _index(path[len(prefix) + 1 : -1])
                count = entry.get("count") if "count" in block.body.arguments else None
                if not (isinstance(count, int) and isinstance(index, int) and index >= count):
                    yield entry, index

    def _body(
        self, instance: _Instance, key: tuple[str, ...], body: Body, index: Any, values: dict[str, Any]
    ) -> dict[str, Any]:
        kind, native, name = key
        data = "data." if kind == "data" else ""
        return {
            "address": joined(instance.address, f"{data}{native}.{name}{bracketed(index)}"),
            "module": instance.address,
            "mode": "data" if data else "managed",
            "type": native,
            "name": name,
            "index": index,
            "provider": native.partition("_")[0],
            "values": values,
            "before": None,
            "actions": (),
            "sensitive": frozenset(),
            "expressions": instance.reader.expressions(body, values),
            "repeated": self._repeats(body),
            "modules": self._modules_of(instance.module.root()),
            "provider_config": self._provider(instance.module, body, native),
        }

    def _absent(self, instance: _Instance, name: str) -> dict[str, Any]:
        """A module that is not at hand. What it is given tells what it may add something to."""
        call = instance.module.blocks["module", name].body
        return {
            "address": joined(instance.address, f"module.{name}"),
            "module": instance.address,
            "mode": "absent",
            "why": "is not downloaded",
            "type": "module",
            "name": name,
            "index": None,
            "provider": "terraform",
            "values": {},
            "before": None,
            "actions": (),
            "sensitive": frozenset(),
            "expressions": instance.reader.expressions(call, {}),
            "repeated": self._repeats(call),
            "modules": self._modules_of(instance.module.root()),
            "provider_config": {},
        }

    def _repeats(self, body: Body) -> Later:
        """One object for all instances of a block."""
        return self._repeated.setdefault(id(body), repeated(body))

    def _modules_of(self, root: Module) -> Modules:
        """One object for all resources of the root module."""
        if not self._modules:
            self._modules = dict(_modules(root))
        return self._modules

    def _provider(self, module: Module, body: Body, native: str) -> dict[str, Any]:
        """One object for all resources of one provider configuration."""
        written = body.arguments.get("provider")
        name, _, alias = (written.text.strip('"') if written else native.partition("_")[0]).partition(".")
        owner, name, alias, block = _configured(module, name, alias)
        if block is None:
            # Nobody configures it; or each instance has another one, so that none tells anything of the others.
            return {} if "[" in alias else self._settings.setdefault(("", name, f"?{alias}"), {})
        own_alias = block.body.arguments.get("alias")
        key = (".".join(owner.path), name, own_alias.text if own_alias else "")
        if key not in self._settings:
            self._settings[key] = dict(self._set(owner, block, name))
        return self._settings[key]

    def _set(self, owner: Module, block: Written, name: str) -> Iterator[tuple[str, Any]]:
        prefix = "".join(f"module.{call}." for call in owner.path)
        entries = self._found.get(f"{prefix}provider.{name}", ())
        entry = next((one for one in entries if one["__tfmeta"].get("line_start") == block.line), {})
        address = prefix.removesuffix(".")
        reader = Reader(owner, lambda asked: self._named(address, asked))
        values = reader.values(block.body, entry, {})
        for own, argument in SETTINGS.items():
            if argument in values:
                yield own, values[argument]
        tags = values.get(_DEFAULT_TAGS.get(name, "default_tags"))
        if isinstance(tags, list):
            tags = tags[0].get("tags") if tags else None
        if tags is not None:
            yield "default_tags", tags
        yield from ignored(values.get("ignore_tags"))
        if name in owner.required:
            yield "version", owner.required[name]

    def _named(self, address: str, name: str) -> Any:
        """The evaluator's value of `local.x`, or of the argument that a module's `var.x` was given."""
        first, _, rest = name.partition(".")
        key, *steps = rest.split(".")
        if first == "local":
            entries = self._at(joined(address, "locals"))
        elif first == "var" and address:
            entries = self._at(address)
        else:
            return None
        value = next((taken_out(entry[key]) for entry in entries if key in entry), None)
        for step in (step for step in steps if step != INSIDE):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def _at(self, path: str) -> Sequence[Mapping[str, Any]]:
        return [entry for entry in self._found.get(without_indexes(path), ()) if _path(entry) == path]


def _modules(module: Module) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    yield module.path, written(module.blocks, module.locals, module.call)
    for child in module.children.values():
        yield from _modules(child)


def _configured(module: Module, name: str, alias: str) -> tuple[Module, str, str, Written | None]:
    """The provider that a resource of this module uses, followed up through the calls: where, its names, its block."""
    for block in module.providers:
        own = block.body.arguments.get("alias")
        if block.labels == (name,) and (own.literal if own else "") == alias:
            return module, name, alias, block
    if module.parent is None:
        return module, name, alias, None
    given = module.call.arguments.get("providers")
    wanted = f"{name}.{alias}" if alias else name
    for key, text in _pairs(given.text) if given else ():
        if key == wanted:
            outer, _, outer_alias = text.partition(".")
            return _configured(module.parent, outer, outer_alias)
    return (module, name, alias, None) if alias else _configured(module.parent, name, "")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The entries of `{ aws = aws.us, aws.other = aws }`."""
    for line in text.strip("{} \n").replace(",", "\n").splitlines():
        key, equals, value = line.partition("#")[0].partition("=")
        if equals:
            yield key.strip().strip('"'), value.strip()


def _is_single(block: Written) -> bool:
    """Whether a block surely has one instance."""
    return block.body.arguments.keys().isdisjoint({"count", "for_each"})


def _is_one_of_many(block: Written, entry: Mapping[str, Any], index: Any) -> bool:
    """Whether the evaluator shows one instance, however many there are: it repeats nothing that it does not grasp."""
    return isinstance(entry.get("count"), str) or (index is None and not _is_single(block))


def _depends(reason: str) -> str:
    if reason == _LOST:
        return reason
    return "whether it exists " + reason.replace("comes from", "depends on", 1).replace("refers to", "depends on", 1)


def _path(entry: Mapping[str, Any]) -> str:
    return str(entry["__tfmeta"].get("path"))


def _index(text: str) -> int | str:
    return text[1:-1] if text.startswith('"') else int(text)
