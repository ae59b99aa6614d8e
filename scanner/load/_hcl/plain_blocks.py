"""The blocks of root modules whose values can be worked out without the evaluator, in the form that it gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.errors import HOSTILE_SHAPE
from scanner.load._hcl.addresses import bracketed, joined
from scanner.load._hcl.documents import FROM_ARGUMENTS
from scanner.load._hcl.evaluator import Blocks
from scanner.load._hcl.modules import Module
from scanner.load._hcl.plain_names import Instance, Place
from scanner.load._hcl.plain_texts import BeyondError
from scanner.load._hcl.plain_types import entries
from scanner.load._hcl.plain_values import Values
from scanner.load._hcl.syntax import Body, Nested, Written
from scanner.load._hcl.terraform_settings import told
from scanner.load._hcl.trust import Opaque, keys_known
from scanner.load._hcl.values import META


def plain(root: Module) -> Blocks | None:
    """The blocks of a root module; None where only the evaluator can tell."""
    if root.unread or not all(module.plain and module.valid for module in root.every()):
        return None
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        values = Values(root.given)
        for kind, block in _Blocks(values).of(Instance(root), ""):
            found.setdefault(kind, []).append(block)
    except (BeyondError, *HOSTILE_SHAPE):  # whatever nobody would write, the evaluator may still understand
        return None
    return found


class _Blocks:
    def __init__(self, values: Values) -> None:
        self._values = values

    def of(self, instance: Instance, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each block of a module, and of those that it calls, with its kind."""
        module = instance.module
        for (kind, *labels), block in module.blocks.items():
            if kind == "resource" or (kind == "data" and labels[0] in FROM_ARGUMENTS):
                own = ".".join(labels if kind == "resource" else (kind, *labels))
                yield from ((labels[0], one) for one in self._instances(block, joined(address, own), Place(instance)))
            elif kind in {"variable", "output"}:
                path = ".".join((kind, *labels))
                yield path, self._setting(block, joined(address, path), Place(instance))
        for block in module.providers:
            own = f"provider.{block.labels[0]}"
            yield own, self._block(block, joined(address, own), Place(instance))
        if module.locals:
            yield "locals", _marked({}, joined(address, "locals"), 0)
        for name in module.children:
            for key, child in self._values.modules(name, instance).items():
                path = joined(address, f"module.{name}{bracketed(key)}")
                yield "module", _marked({}, path, module.blocks["module", name].line)
                yield from self.of(child, path)

    def _instances(self, block: Written, path: str, place: Place) -> Iterator[dict[str, Any]]:
        instances = self._values.instances(block.body, place)
        count = {"count": len(instances)} if "count" in block.body.arguments else {}
        for key, around in instances.items():
            yield self._block(block, f"{path}{bracketed(key)}", around) | count

    def _setting(self, block: Written, path: str, place: Place) -> dict[str, Any]:
        about = told(block.body) if place.instance.call is None else Body()  # nobody reads those of others
        return _marked(self._body(about, place), path, block.line)

    def _block(self, block: Written, path: str, place: Place) -> dict[str, Any]:
        return _marked(self._body(block.body, place, META), path, block.line)

    def _body(self, body: Body, place: Place, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        written = body.arguments.items()
        found = {name: self._values.of(one, place) for name, one in written if name not in without}
        for nested in body.blocks:
            if nested.kind in body.arguments:
                raise BeyondError
            if nested.kind not in without:
                found.setdefault(nested.kind, []).extend(self._nested(nested, place))
        return found

    def _nested(self, nested: Nested, place: Place) -> Iterator[dict[str, Any]]:
        if not nested.iterator:
            yield _marked(self._body(nested.body, place), "", nested.line)
            return
        shape = place.module.shape(nested.each, place.bound) if nested.each else Opaque()
        if nested.each is None or isinstance(keys_known(shape), Opaque):
            return
        for key, value in entries(self._values.of(nested.each, place)):
            inside = place.inside(nested.iterator, {"key": key, "value": value}, shape)
            yield _marked(self._body(nested.body, inside), "", nested.line)


def _marked(values: dict[str, Any], path: str, line: int) -> dict[str, Any]:
    return values | {"__tfmeta": {"path": path, "line_start": line}}
