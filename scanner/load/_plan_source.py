"""A plan, with what the `.tf` files beside it say more exactly.

A plan names what an expression refers to, but not which instance of it, and leaves locals out. Where a document has
values that only the apply can tell, and arguments that the plan is not exact about, the source is asked, and believed
as far as it refers to what the plan says it refers to: files of another day are left alone. No file is read before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load._files import Options
from scanner.load._plan_configuration import module_names
from scanner.load._plan_modules import Modules
from scanner.model import Document, Unknown

if TYPE_CHECKING:
    from scanner.load._hcl_syntax import Body, Expression, Written

_LOST = ("each.", "count.index", "local.")
"""References to what a plan does not carry."""

_OTHERS = frozenset({"each", "count", "local", "var", "module", "path", "terraform", "self"})
_Path = tuple[str, ...]


def joined(documents: Iterable[Document], uri: str, options: Options) -> Iterator[Document]:
    """The documents of one plan. What the source is not needed for, or does not know, stays as it is."""
    source = _Source(uri, options)
    for document in documents:
        yield source.sharpened(document)


class _Module(Struct, frozen=True):
    """What the files of one module hold."""

    blocks: Mapping[_Path, Written]
    """By kind and labels."""
    locals: Mapping[str, Expression]


class _Source:
    """The configuration beside one plan."""

    def __init__(self, uri: str, options: Options) -> None:
        self._uri = uri
        self._options = options
        self._plan: Modules = {}
        self._modules: Modules = {}
        self._read: dict[_Path, _Module | None] = {}
        self._sharp: dict[int, tuple[Any, Any]] = {}
        """By the identity of what the plan says of a block: that, to keep it, and what is said of it here."""

    def sharpened(self, document: Document) -> Document:
        body = document.body
        if body["modules"] is not self._plan:
            self._plan = body["modules"]
            self._modules = _Joined(self._plan, self.module)
        changed = {"modules": self._modules}
        if any(isinstance(value, Unknown) for value in body["values"].values()):
            changed["expressions"] = self._block(body, body["expressions"], inside=False)
            changed["repeated"] = self._block(body, body["repeated"], inside=True)
        return replace(document, body={**body, **changed})

    def _block(self, body: Mapping[str, Any], written: Any, *, inside: bool) -> Any:
        if id(written) not in self._sharp:
            block = self._written(body) if _is_vague(written) else None
            sharp = _sharp_tree(written, block.body, inside=inside) if block else written
            self._sharp[id(written)] = (written, sharp)
        return self._sharp[id(written)][1]

    def _written(self, body: Mapping[str, Any]) -> Written | None:
        module = self.module(module_names(body["module"]))
        kind = "data" if body["mode"] == "data" else "resource"
        return module.blocks.get((kind, body["type"], body["name"])) if module else None

    def module(self, path: _Path) -> _Module | None:
        """What the files of a module hold; None where they are not at hand, or cannot be read."""
        if path not in self._read:
            try:
                self._read[path] = self._found(path)
            except (LoadError, OSError, *HOSTILE_SHAPE):
                self._read[path] = None
        return self._read[path]

    def _found(self, path: _Path) -> _Module | None:
        from scanner.load._configuration import Configurations  # noqa: PLC0415  # a parser that few plans need
        from scanner.load._hcl_syntax import blocks  # noqa: PLC0415  # likewise

        configurations = Configurations(self._options)
        for root in configurations.roots(self._uri):
            if folder := configurations.module(root, path):
                found = list(blocks(folder))
                named = {(block.kind, *block.labels): block for block in found}
                local = [block.body.arguments for block in found if block.kind == "locals"]
                return _Module(named, {name: value for one in local for name, value in one.items()})
        return None


class _Joined(Mapping[_Path, Mapping[str, Any]]):
    """The modules of a plan, each with what its source says more exactly."""

    def __init__(self, plan: Modules, find: Callable[[_Path], _Module | None]) -> None:
        self._plan = plan
        self._find = find
        self._made: dict[_Path, Mapping[str, Any]] = {}

    def __getitem__(self, path: _Path) -> Mapping[str, Any]:
        if path not in self._made:
            self._made[path] = self._module(path, self._plan[path])
        return self._made[path]

    def __iter__(self) -> Iterator[_Path]:
        return iter(self._plan)

    def __len__(self) -> int:
        return len(self._plan)

    def _module(self, path: _Path, plan: Mapping[str, Any]) -> Mapping[str, Any]:
        def call() -> Mapping[str, Expression]:
            around = self._find(path[:-1]) if path else None
            block = around.blocks.get(("module", path[-1])) if around else None
            return block.body.arguments if block else {}

        def outputs() -> Mapping[str, Expression]:
            own = self._find(path)
            blocks = own.blocks.items() if own else ()
            return {key[1]: one.body.arguments["value"] for key, one in blocks if key[0] == "output"}

        def own_locals() -> Mapping[str, Expression]:
            own = self._find(path)
            return own.locals if own else {}

        return {
            "arguments": _Sharpened(plan["arguments"], call),
            "repeated": _Sharpened(plan["repeated"], call),
            "outputs": _Sharpened(plan["outputs"], outputs),
            "locals": _Locals(own_locals),
        }


class _Sharpened(Mapping[str, Any]):
    """Expressions of a plan; the source is asked for those that the plan is vague about."""

    def __init__(self, plan: Mapping[str, Any], written: Callable[[], Mapping[str, Expression]]) -> None:
        self._plan = plan
        self._written = written

    def __getitem__(self, name: str) -> Any:
        told = self._plan[name]
        expression = self._written().get(name) if _is_vague(told) else None
        return _sharp(told, expression, inside=True) if expression else told

    def __iter__(self) -> Iterator[str]:
        return iter(self._plan)

    def __len__(self) -> int:
        return len(self._plan)


class _Locals(Mapping[str, Any]):
    """The locals of a module, which only the source has."""

    def __init__(self, written: Callable[[], Mapping[str, Expression]]) -> None:
        self._written = written

    def __getitem__(self, name: str) -> Any:
        from scanner.load._hcl_references import opened  # noqa: PLC0415  # a parser that few plans need

        return opened(self._written()[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._written())

    def __len__(self) -> int:
        return len(self._written())


def _is_vague(written: Any) -> bool:
    """Whether a plan refers, somewhere in here, to what it does not carry, or to a block and not to an instance."""
    if isinstance(written, list):
        return any(map(_is_vague, written))
    if not isinstance(written, Mapping):
        return False
    references = written.get("references")
    if isinstance(references, list):
        return any(map(_is_open, _longest(references)))
    return any(map(_is_vague, written.values()))


def _longest(references: list[Any]) -> Iterator[str]:
    """The references without those that only shorten the one before: a plan has `a.b` follow `a.b.c`."""
    last = ""
    for reference in references:
        if isinstance(reference, str):
            if not last.startswith((f"{reference}.", f"{reference}[")):
                yield reference
            last = reference


def _is_open(reference: str) -> bool:
    """Whether a plan does not carry it, or it is a block: `aws_x.y` may stand for `aws_x.y[each.key]`."""
    first, _, rest = reference.partition(".")
    return reference.startswith(_LOST) or (first not in _OTHERS and rest.count(".") == (first == "data"))


def _sharp_tree(written: Any, body: Body, *, inside: bool) -> Any:
    """A block of arguments. Nested blocks are found again only where none of their kind is made by `dynamic`."""
    found: dict[str, Any] = {}
    for key, entry in written.items():
        if key in body.arguments:
            found[key] = _sharp(entry, body.arguments[key], inside=inside)
        elif isinstance(entry, list):
            nested = [block for block in body.blocks if block.kind == key]
            same = len(nested) == len(entry) and all(block.each is None for block in nested)
            pairs = zip(entry, nested, strict=True) if same else ()
            found[key] = [_sharp_tree(one, block.body, inside=inside) for one, block in pairs] if same else entry
        else:
            found[key] = entry
    return found


def _sharp(told: Any, expression: Expression, *, inside: bool) -> Any:
    """What the source says, if it refers to all that the plan says; an object is opened up if it may be (`inside`)."""
    from scanner.load._hcl_references import opened, references  # noqa: PLC0415  # a parser that few plans need

    named = told.get("references") if isinstance(told, Mapping) else None
    if not isinstance(named, list) or not _is_vague(told):
        return told
    known = {name for reference in expression.references for name in reference.names()}
    if not known.issuperset(name for name in named if isinstance(name, str)):
        return told
    return opened(expression) if inside else {"references": references(expression)}
