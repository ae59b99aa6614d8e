"""The blocks of root modules whose values can be worked out without the evaluator, in the form that it gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.load._files import Options
from scanner.load._hcl import variables as hcl_variables
from scanner.load._hcl.evaluator import Blocks
from scanner.load._hcl.layout import is_valid
from scanner.load._hcl.modules import Module
from scanner.load._hcl.nodes import parse
from scanner.load._hcl.plain_names import Place
from scanner.load._hcl.plain_texts import BeyondError
from scanner.load._hcl.plain_types import Set, entries
from scanner.load._hcl.plain_values import Values
from scanner.load._hcl.syntax import Body, Nested, Written
from scanner.load._hcl.terraform_settings import TOLD
from scanner.load._hcl.trust import Opaque, keys_known
from scanner.load._hcl.values import META

_MOST = 1000
"""Instances of one block."""
_REPEATED = frozenset({"count", "for_each"})


def plain(root: Module, options: Options) -> Blocks | None:
    """The blocks of a root module; None where only the evaluator can tell."""
    if root.unread or not all(map(_is_valid, root.every())) or not hcl_variables.are_valid(root.folder, options):
        return None
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        values = Values(dict(hcl_variables.values(root.folder, options)))
        for kind, block in _Blocks(values).of(root, ""):
            found.setdefault(kind, []).append(block)
    except (BeyondError, RecursionError):
        return None
    return found


def _is_valid(module: Module) -> bool:
    """Whether a module is written as the evaluator reads it, and holds nothing that it would refuse."""
    try:
        return module.plain and all(is_valid(parse(file.data.decode())) for file in module.files)
    except UnicodeDecodeError:
        return False


class _Blocks:
    def __init__(self, values: Values) -> None:
        self._values = values

    def of(self, module: Module, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each block of a module, and of those that it calls, with its kind."""
        for (kind, *labels), block in module.blocks.items():
            if kind in {"resource", "data"}:
                own = ".".join(labels if kind == "resource" else (kind, *labels))
                yield from ((labels[0], one) for one in self._instances(block, _joined(address, own), module))
            elif kind in {"variable", "output"}:
                yield ".".join((kind, *labels)), self._setting(block, _joined(address, f"{kind}.{labels[0]}"), module)
        for block in module.providers:
            path = _joined(address, f"provider.{block.labels[0]}")
            yield f"provider.{block.labels[0]}", self._block(block, path, Place(module))
        for name, child in module.children.items():
            yield from self._called(child, module.blocks["module", name], _joined(address, f"module.{name}"), module)

    def _called(self, child: Module, call: Written, path: str, module: Module) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(keys_known(module.instances(call.body)), Opaque):
            return
        if not _REPEATED.isdisjoint(call.body.arguments):
            raise BeyondError
        yield "module", _told({}, path, call.line)
        yield from self.of(child, path)

    def _instances(self, block: Written, path: str, module: Module) -> Iterator[dict[str, Any]]:
        """The instances of a resource; none where it is not known how many there are."""
        arguments, shape = block.body.arguments, module.instances(block.body)
        if isinstance(keys_known(shape), Opaque):
            return
        place = Place(module)
        if "for_each" in arguments:
            over = self._values.of(arguments["for_each"], place)
            if isinstance(over, list) and not isinstance(over, Set):
                raise BeyondError  # it is not valid
            for key, value in entries(over):
                each = {"key": key, "value": value}
                yield self._block(block, f'{path}["{key}"]', place.inside("each", each, shape))
        elif "count" in arguments:
            count = self._values.of(arguments["count"], place)
            for index in range(_counted(count)):
                made = self._block(block, f"{path}[{index}]", Place(module, {"count": {"index": index}}))
                yield {**made, "count": count}
        else:
            yield self._block(block, path, place)

    def _setting(self, block: Written, path: str, module: Module) -> dict[str, Any]:
        told = {name: one for name, one in block.body.arguments.items() if name in TOLD}
        return self._block(Written(block.kind, block.labels, block.line, Body(told)), path, Place(module))

    def _block(self, block: Written, path: str, place: Place) -> dict[str, Any]:
        return _told(self._body(block.body, place, META), path, block.line)

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
            yield _told(self._body(nested.body, place), "", nested.line)
            return
        shape = place.module.shape(nested.each, place.bound) if nested.each else Opaque()
        if nested.each is None or isinstance(keys_known(shape), Opaque):
            return
        for key, value in entries(self._values.of(nested.each, place)):
            inside = place.inside(nested.iterator, {"key": key, "value": value}, shape)
            yield _told(self._body(nested.body, inside), "", nested.line)


def _told(values: dict[str, Any], path: str, line: int) -> dict[str, Any]:
    return values | {"__tfmeta": {"path": path, "line_start": line}}


def _counted(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count > _MOST:
        raise BeyondError
    return count


def _joined(address: str, own: str) -> str:
    return f"{address}.{own}" if address else own
