"""A plan, with what the `.tf` files beside it say more exactly.

A plan names what an expression refers to, but not which instance of it, and leaves locals out. Where a document has
values that only the apply can tell, and arguments that the plan is not exact about, the source is asked, and believed
as far as it refers to what the plan says it refers to: files of another day are left alone. No file is read before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load._files import Options
from scanner.load._plan.addresses import module_names
from scanner.load._plan.files import Calls, Sources, may_lie_beside
from scanner.load._plan.mixed import mixes_secrets
from scanner.load._plan.modules import Later, Modules
from scanner.model import Document, Unknown

if TYPE_CHECKING:
    from scanner.load._hcl.syntax import Body, Expression, Written

T = TypeVar("T")
_LOST = ("each.", "count.index", "local.")
"""References to what a plan does not carry."""

_POLICY = "policy"
"""What arguments that hold a policy in JSON are called, or how they end."""

_MAPS = frozenset({"collection_value", "function_call"})
"""Expressions that may be maps, whose entries each refer to something of their own."""

_META = frozenset({"lifecycle", "connection", "provisioner", "timeouts"})
"""Blocks that are no part of what the provider is told."""

_OTHERS = frozenset({"each", "count", "local", "var", "module", "path", "terraform", "self"})


def joined(documents: Iterable[Document], uri: str, options: Options) -> Iterator[Document]:
    """The documents of one plan. What the source is not needed for, or does not know, stays as it is.

    Bodies are changed in place: a plan is large, and nothing else holds on to them.
    """
    source = _Source(uri, options) if may_lie_beside(uri, options) else None
    for document in documents:
        if source:
            _tried(partial(source.sharpen, cast("dict[str, Any]", document.body)), None)
        yield document


def _tried(read: Callable[[], T], otherwise: T) -> T:
    """What the source says; the plan's own words if it is of a shape that Terraform would refuse."""
    try:
        return read()
    except (LoadError, *HOSTILE_SHAPE):
        return otherwise


class _Source:
    """The configuration beside one plan."""

    def __init__(self, uri: str, options: Options) -> None:
        self._files = Sources(uri, options)
        self._plan: Modules = {}
        self._modules: Modules = {}
        self._made: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        """By the identity of a part of the plan: that part, to keep it, and what is made of it here."""

    def sharpen(self, body: dict[str, Any]) -> None:
        """Put in place of what the plan says what the source says more exactly."""
        if body["modules"] is not self._plan:
            self._plan = body["modules"]
            self._modules = _Joined(self._plan, self._files)
        if any(isinstance(value, Unknown) for value in body["values"].values()) or mixes_secrets(body):
            body["expressions"] = self._expressions(body)
            body["repeated"] = self._once(body["repeated"], lambda: self._repeated(body))
        body["modules"] = self._modules

    def _expressions(self, body: Mapping[str, Any]) -> Any:
        written = body["expressions"]
        if self._once((written, "vague"), lambda: _is_vague(written)) or _is_asked(body) or self._hides(body):
            sharp, made = self._once(written, lambda: self._sharp_block(body))
            hidden = {kind: block for kind, block in made.items() if _is_open(body["values"].get(kind))}
            if not hidden:
                return sharp  # the same object for all instances, which is understood once
            return {**sharp, **{kind: _spread(block, body["values"][kind]) for kind, block in hidden.items()}}
        return written

    def _hides(self, body: Mapping[str, Any]) -> bool:
        """Whether something is not known of which the plan does not show how it is written: by `dynamic`, maybe."""
        hidden = [key for key, value in body["values"].items() if key not in body["expressions"] and _is_open(value)]
        return bool(hidden) and not self._files.dynamic(module_names(body["module"])).isdisjoint(hidden)

    def _sharp_block(self, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The arguments that the plan shows, and those of the blocks that it does not."""
        block = self._written(body)
        if block is None:
            return body["expressions"], {}
        return _sharp_tree(body["expressions"], block.body), dict(_made(body["expressions"], block.body))

    def _repeated(self, body: Mapping[str, Any]) -> Any:
        over = body["repeated"]
        block = self._written(body) if over or isinstance(body["index"], str) else None
        return _repetition(over, lambda: block.body.arguments) if block else over

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What is made for a part of the plan's configuration, which all instances of a block share."""
        part, *use = key if isinstance(key, tuple) else (key,)
        known = (id(part), *use)
        if known not in self._made:
            self._made[known] = (part, make())
        return self._made[known][1]

    def _written(self, body: Mapping[str, Any]) -> Written | None:
        module = self._files.module(module_names(body["module"]))
        kind = "data" if body["mode"] == "data" else "resource"
        return module.blocks.get((kind, body["type"], body["name"])) if module else None


class _Joined(Mapping[Calls, Mapping[str, Any]]):
    """The modules of a plan, each with what its source says more exactly."""

    def __init__(self, plan: Modules, files: Sources) -> None:
        self._plan = plan
        self._files = files
        self._made: dict[Calls, Mapping[str, Any]] = {}

    def __getitem__(self, path: Calls) -> Mapping[str, Any]:
        if path not in self._made:
            self._made[path] = self._module(path, self._plan[path])
        return self._made[path]

    def __iter__(self) -> Iterator[Calls]:
        return iter(self._plan)

    def __len__(self) -> int:
        return len(self._plan)

    def _module(self, path: Calls, plan: Mapping[str, Any]) -> Mapping[str, Any]:
        def call() -> Mapping[str, Expression]:
            around = self._files.module(path[:-1]) if path else None
            block = around.blocks.get(("module", path[-1])) if around else None
            return block.body.arguments if block else {}

        def outputs() -> Mapping[str, Expression]:
            own = self._files.module(path)
            outputs = [one for key, one in own.blocks.items() if key[0] == "output"] if own else []
            values = ((one.labels, one.body.arguments.get("value")) for one in outputs)
            return {labels[0]: value for labels, value in values if labels and value}

        def own_locals() -> Mapping[str, Expression]:
            own = self._files.module(path)
            return own.locals if own else {}

        return {
            "arguments": _sharpened(plan["arguments"], call),
            "repeated": _repetition(plan["repeated"], call),
            "outputs": _sharpened(plan["outputs"], outputs),
            "locals": _locals(own_locals),
        }


def _sharpened(plan: Mapping[str, Any], written: Callable[[], Mapping[str, Expression]]) -> Later:
    """Expressions of a plan, as the source writes them."""

    def sharp(name: str) -> Any:
        expression = written().get(name)
        return _sharp(plan[name], expression, inside=True) if expression else plan[name]

    return Later(lambda: plan, lambda name: _tried(partial(sharp, name), plan[name]))


def _repetition(plan: Mapping[str, Any], written: Callable[[], Mapping[str, Expression]]) -> Later:
    """The same for what a block is repeated over; a plan says nothing of `for_each = toset(["a", "b"])`."""

    def told() -> Mapping[str, Any]:
        return plan if plan or "for_each" not in written() else {"for_each": {}}

    return Later(told, lambda name: _sharpened(told(), written)[name])


def _locals(written: Callable[[], Mapping[str, Expression]]) -> Later:
    """The locals of a module, which only the source has."""

    def read(name: str) -> Any:
        from scanner.load._hcl.references import opened  # noqa: PLC0415  # a parser that few plans need

        return opened(written()[name])

    return Later(written, lambda name: _tried(partial(read, name), {}))


def _is_policy(body: Mapping[str, Any]) -> bool:
    """Whether a policy is not known, which may be only because a resource in it has no name yet."""
    return any(_POLICY in key and isinstance(value, Unknown) for key, value in body["values"].items())


def _is_open(value: Any) -> bool:
    """Whether something in a value is not known."""
    if isinstance(value, dict):
        return any(map(_is_open, value.values()))
    return any(map(_is_open, value)) if isinstance(value, list) else isinstance(value, Unknown)


def _is_vague(written: Any) -> bool:
    """Whether a plan refers, somewhere in here, to what it does not carry, or to a block and not to an instance."""
    if isinstance(written, list):
        return any(map(_is_vague, written))
    if not isinstance(written, Mapping):
        return False
    references = written.get("references")
    if isinstance(references, list):
        return any(map(_is_lost, _longest(references)))
    return any(map(_is_vague, written.values()))


def _is_asked(body: Mapping[str, Any]) -> bool:
    return _is_policy(body) or mixes_secrets(body)


def _longest(references: list[Any]) -> Iterator[str]:
    """The references without those that only shorten the one before: a plan has `a.b` follow `a.b.c`."""
    last = ""
    for reference in references:
        if isinstance(reference, str):
            if not last.startswith((f"{reference}.", f"{reference}[")):
                yield reference
            last = reference


def _is_lost(reference: str) -> bool:
    """Whether a plan does not carry it, or it is a block: `aws_x.y` may stand for `aws_x.y[each.key]`."""
    first, _, rest = reference.partition(".")
    return reference.startswith(_LOST) or (first not in _OTHERS and rest.count(".") == (first == "data"))


def _sharp_tree(written: Any, body: Body) -> Any:
    """A block of arguments. Nested blocks are found again only where none of their kind is made by `dynamic`."""
    found: dict[str, Any] = {}
    for key, entry in written.items():
        if key in body.arguments and (_is_vague(entry) or _POLICY in key or body.arguments[key].inner.type in _MAPS):
            found[key] = _sharp(entry, body.arguments[key], inside=False)
        elif isinstance(entry, list):
            nested = [block for block in body.blocks if block.kind == key]
            same = len(nested) == len(entry) and all(block.each is None for block in nested)
            pairs = zip(entry, nested, strict=True) if same else ()
            found[key] = [_sharp_tree(one, block.body) for one, block in pairs] if same else entry
        else:
            found[key] = entry
    return found


def _made(written: Mapping[str, Any], body: Body) -> Iterator[tuple[str, Any]]:
    """What `dynamic` blocks make; a plan shows nothing of them."""
    from scanner.load._hcl.references import made  # noqa: PLC0415  # a parser that few plans need

    for block in body.blocks:
        if block.each and block.kind not in written and block.kind not in _META:
            yield block.kind, made(block, {})


def _spread(made: Any, values: Any) -> Any:
    """What a `dynamic` block makes, once for each block that there is; as one where their number is not known."""
    if isinstance(values, list):
        return [_spread(made, entry) for entry in values]
    if not isinstance(values, dict) or "references" in made:
        return made
    return {key: _spread(entry, values.get(key)) for key, entry in made.items()}


def _sharp(told: Any, expression: Expression, *, inside: bool) -> Any:
    """What the source says, if it refers to all that the plan says; an object is opened up if it may be (`inside`)."""
    from scanner.load._hcl.references import described, opened, references  # noqa: PLC0415  # a parser that few plans need

    named = (told.get("references") if told or not inside else []) if isinstance(told, Mapping) else None
    if not isinstance(named, list):
        return told
    known = {name for reference in expression.references for name in reference.names()}
    if not known.issuperset(name for name in named if isinstance(name, str)):
        return told
    return opened(expression) if inside else described(expression, references(expression))
