"""What a plan repeats of the configuration: expressions of resources, and settings of providers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from scanner.bodies import mapping
from scanner.load._plan import settled
from scanner.load._plan.addresses import module_names, without_indexes
from scanner.load._plan.modules import modules, repeated
from scanner.load._plan.providers import Providers
from scanner.load._plan.templates import without_templates
from scanner.model import Path
from scanner.patterns import regex

_CALL = regex(r'module\.[^.\[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.')
_Key = tuple[tuple[str, ...], str, str, str]


class Configured(Struct, frozen=True):
    """What a plan shows of a block, which is the same for all of its instances."""

    expressions: Mapping[str, Any]
    """Its arguments."""
    provider: Mapping[str, Any]
    """Its provider's settings: `region`, `location`, `project`, `zone` and `default_tags` (Google's `default_labels`
    too), those that the provider sets. A value is plain, or `Unknown` where the plan only says what it comes from."""
    repeated: Mapping[str, Any]
    """What it is repeated over."""
    shown: bool
    """Whether the plan shows it, be it an empty one."""
    settled: tuple[Path, ...]
    """Arguments of which the apply decides nothing, so that a null of theirs is one."""
    _without_nulls: dict[tuple[Path, ...], Mapping[str, Any]] = field(default_factory=dict)

    def without_nulls(self, values: Any) -> Mapping[str, Any]:
        """Its arguments, but for those that are known to be null in an instance though they are written."""
        nulls = tuple(path for path in self.settled if settled.is_open(values, path))
        if not nulls:
            return self.expressions
        if nulls not in self._without_nulls:
            written = self.expressions
            for path in nulls:
                written = settled.without(written, path)
            self._without_nulls[nulls] = written
        return self._without_nulls[nulls]


class Configuration:
    """Looks up the configuration of an instance. Built once for a plan, in one pass over its configuration."""

    def __init__(self, plan: Mapping[str, Any], *, templates: bool = False) -> None:
        """`templates` allows for a configuration in JSON, see `templates`."""
        configuration = mapping(plan.get("configuration"))
        configuration = without_templates(configuration) if templates else configuration
        told = list(_resources(configuration.get("root_module")))
        used = ((path, str(resource.get("provider_config_key"))) for (path, *_), resource, _ in told)
        self._providers = Providers(configuration.get("provider_config"), mapping(plan.get("variables")), used)
        self._blocks = {key: self._block(resource, nullable) for key, resource, nullable in told}
        self._none = Configured({}, {}, repeated({}), shown=False, settled=())
        self.modules = modules(configuration.get("root_module"))
        self._paths: dict[str, tuple[str, ...]] = {"": ()}

    def of(self, instance: Mapping[str, Any]) -> Configured:
        """The block of an instance."""
        return self._blocks.get(self._key(instance), self._none)

    def _block(self, resource: Mapping[str, Any], nullable: tuple[Path, ...]) -> Configured:
        key = resource.get("provider_config_key")
        provider = self._providers.of(key) if isinstance(key, str) else {}
        expressions = mapping(resource.get("expressions"))
        return Configured(expressions, provider, repeated(resource), shown=True, settled=nullable)

    def missing(self, addresses: Collection[str]) -> str:
        """A resource that is there once, in modules that are, and has no instance among the addresses; or empty."""
        for path, kind, name in self._without(addresses):
            calls = (path[:depth] for depth in range(1, len(path) + 1))
            is_once = not self._blocks[path, "managed", kind, name].repeated
            if is_once and not any(self.modules[call]["repeated"] for call in calls):
                return f"{_plain(path)}{kind}.{name}"
        return ""

    def without_instances(self, addresses: Collection[str]) -> Iterator[Mapping[str, Any]]:
        """The managed resources that none of the addresses is an instance of, in each module instance that is there."""
        instances: dict[tuple[str, ...], set[str]] = {}
        for address in addresses:
            for module in _modules_of(address):
                instances.setdefault(module_names(module), set()).add(module)
        for path, kind, name in self._without(addresses):
            for module in sorted(instances.get(path, {_plain(path).removesuffix(".")})):
                address = f"{module}.{kind}.{name}" if module else f"{kind}.{name}"
                yield {"address": address, "module_address": module, "mode": "managed", "type": kind, "name": name}

    def _without(self, addresses: Collection[str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """The managed resources that none of the addresses is an instance of: their modules, types and names."""
        seen = {without_indexes(address) for address in addresses}
        for path, mode, kind, name in self._blocks:
            if mode == "managed" and f"{_plain(path)}{kind}.{name}" not in seen:
                yield path, kind, name

    def _key(self, instance: Mapping[str, Any]) -> _Key:
        mode = str(instance.get("mode") or "managed")
        return self._module(instance), mode, instance["type"], instance["name"]

    def _module(self, instance: Mapping[str, Any]) -> tuple[str, ...]:
        address = str(instance.get("module_address") or "")
        if address not in self._paths:
            self._paths[address] = module_names(address)
        return self._paths[address]


def _plain(path: tuple[str, ...]) -> str:
    """The beginning of the addresses inside of a module, without indexes."""
    return "".join(f"module.{call}." for call in path)


def _modules_of(address: str) -> Iterator[str]:
    """The addresses of the module instances around a resource: `module.a[0]`, `module.a[0].module.b`."""
    here = 0
    while match := _CALL.match(address, here):
        yield address[: match.end() - 1]
        here = match.end()


def _resources(
    module: Any, path: tuple[str, ...] = (), called: Mapping[str, Any] | None = None, outer: Collection[str] = ()
) -> Iterator[tuple[_Key, Mapping[str, Any], tuple[Path, ...]]]:
    """`called` holds the arguments of the call of the module, `outer` the settled variables around the call."""
    module = mapping(module)
    known = settled.variables(module, called, outer)
    for entry in module.get("resources") or ():
        resource = mapping(entry)
        mode, kind, name = (str(resource.get(key)) for key in ("mode", "type", "name"))
        yield (path, mode, kind, name), resource, tuple(settled.paths(mapping(resource.get("expressions")), known))
    for name, entry in mapping(module.get("module_calls")).items():
        call = mapping(entry)
        yield from _resources(call.get("module"), (*path, name), mapping(call.get("expressions")), known)
