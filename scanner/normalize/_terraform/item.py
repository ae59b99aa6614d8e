"""One Terraform resource, read with its configuration and its neighbors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scanner.model import Document, Path, Unknown, UnknownRead
from scanner.normalize._reading import Block, Place
from scanner.normalize._terraform.configuration import has_step, is_expression, written_at
from scanner.patterns import regex

if TYPE_CHECKING:
    from scanner.normalize._terraform.estate import Estate

_KEY = regex(
    r"(aws_kms_|(?:data\.)?google_kms_crypto_key|azurerm_key_vault_(?:managed_hardware_security_module_)?key|"
    r"azurerm_disk_encryption_set)"
)
"""Types whose ids name a key that a customer manages, or what stands for one."""


class Item(Block):
    """One Terraform resource (or data source) with its configuration and its neighbors."""

    __slots__ = ("document", "estate", "expressions")

    def __init__(  # noqa: PLR0913  # a view of a resource is the resource, its neighbors and the block looked at
        self,
        document: Document,
        estate: Estate,
        *,
        within: Path = (),
        body: Mapping[str, Any] | None = None,
        expressions: Any = None,
        last: list[Place] | None = None,
    ) -> None:
        super().__init__(document.body["values"] if body is None else body, document.origin, within, last)
        self.document = document
        self.estate = estate
        self.expressions = document.body["expressions"] if expressions is None else expressions

    @property
    def planned(self) -> bool:
        """Whether a plan describes it; a plan shows every attribute of its type, also those that nobody set."""
        return bool(self.document.body["actions"])

    @property
    def stands(self) -> bool:
        """Whether it was read from a state, which holds what the provider chose beside what somebody wrote."""
        return self.origin.source == "terraform_state"

    @property
    def type(self) -> str:
        """Terraform's resource type."""
        return str(self.document.body["type"])

    def item(self, *path: str | int) -> Item:
        """A block nested in this one, with its part of the configuration, as if it were a resource of its own."""
        written = written_at(self.expressions, path)
        return Item(
            self.document,
            self.estate,
            within=self.prefix + path,
            body=self.get(*path) or {},
            expressions=written if isinstance(written, Mapping) and not is_expression(written) else {},
            last=self.last,
        )

    def setting(self, *path: str | int, default: Any) -> Any:
        """The value, or what the provider takes where neither the configuration nor the plan says anything."""
        value = self.peek(*path)
        if isinstance(value, Unknown):
            if not self.left_alone(*path):
                raise UnknownRead(value)
            return default
        return default if value is None or value == "" else value

    def left_alone(self, *path: str | int) -> bool:
        """Whether a value is unknown only because the provider will choose it.

        So it is for a resource that is created and whose configuration is known not to mention the value. Nothing is
        said about values inside of a block that the plan's configuration does not show, such as one made by `dynamic`.
        A block that is unknown as a whole counts as left alone if it is not shown: Terraform opens up the blocks that
        somebody wrote, unless they come from a `dynamic` block over something that is not known itself.
        """
        body = self.document.body
        is_shown = self.expressions or (not self.prefix and body.get("configured"))
        if "create" not in body["actions"] or not is_shown:
            return False
        value: Any = self.body
        written: Any = self.expressions
        for step in path:
            if is_expression(written):
                return False
            value = value[step]
            inside = written[step] if has_step(written, step) else None
            if isinstance(value, Unknown):
                return isinstance(written, Mapping) and inside is None
            if inside is None:
                return False
            written = inside
        return False

    def left_unset(self, key: str) -> bool:
        """Whether nobody sets this argument or block: it is absent, or the provider will choose it.

        What stands already has an empty text where nothing was ever written.
        """
        value = self.peek(key)
        return self.left_alone(key) if isinstance(value, Unknown) else value is None or value == ""

    def configured(self, *path: str | int) -> bool:
        """Whether the configuration is known to mention the value, rather than the provider having chosen it."""
        return written_at(self.expressions, path) is not None

    def is_set(self, *path: str | int) -> bool:
        """Whether a value is there at all, such as the id of a key.

        An unknown value that refers to a key of this configuration is there, whatever it will be, unless it is made
        from a condition that is not evaluated.
        """
        value = self.peek(*path)
        if not isinstance(value, Unknown):
            return bool(value)
        if self.names_key(*path):
            return True
        if self.left_alone(*path):
            return False
        raise UnknownRead(value)

    def names_key(self, *path: str | int) -> bool:
        """Whether a value that is not known refers to a key of this configuration, also through modules."""
        value = self.peek(*path)
        if not isinstance(value, Unknown) or value.may_be_absent:
            return False
        if any(_KEY.match(reference) for reference in self.references(*path)):
            return True
        return any(_KEY.match(one.type) for one in self.estate.meant(self, path).items)

    def encoded(self, *path: str | int) -> Any:
        """The value that the source turns into JSON here, with `Unknown` inside; None where it does not say."""
        written = written_at(self.expressions, path)
        return written.get("encoded") if isinstance(written, Mapping) else None

    def references(self, *path: str | int) -> Sequence[str]:
        """What the configuration says the value refers to."""
        written = written_at(self.expressions, path)
        found = written.get("references") if isinstance(written, Mapping) else None
        return found if isinstance(found, list) else ()

    def satellites(self, kind: str, key: str, where: Callable[[Item], bool] = lambda _: True) -> list[Item]:
        """The resources of another type whose argument `key` names this one.

        Raises `UnknownRead` if one more might. `where` narrows down which ones matter.
        """
        links = self.estate.links(kind, key, self.type)
        mine = [item for item in self.views(links.certain.get(self.origin.address, ())) if where(item)]
        for doubtful in links.doubtful(self):
            (item,) = self.views([doubtful])
            if _possibly(where, item):
                item.cite(key)
                doubt = links.doubts.get(item.origin.address) or "which one it belongs to is not known"
                raise UnknownRead(Unknown(f"{item.origin.address} may belong to it; {doubt}", key))
        if not mine and (absent := self.estate.reached_by(self, kind)):
            why = f"{absent.origin.address}, which {absent.document.body['why']}, may add it"
            raise UnknownRead(Unknown(why, key))
        return mine

    def satellite(self, kind: str, key: str) -> Item | None:
        """The one resource of another type whose argument `key` names this one, or None if there surely is none."""
        mine = self.views(self.estate.links(kind, key, self.type).certain.get(self.origin.address, ()))
        return mine[0] if mine else next(iter(self.satellites(kind, key)), None)

    def target(self, *path: str | int, kinds: Iterable[str]) -> Item | None:
        """The resource of this plan that an argument names; None for an argument that is not set.

        Raises `UnknownRead` if it names something that is not in the plan.
        """
        value = self.peek(*path)
        if self.left_alone(*path) if isinstance(value, Unknown) else value is None or value == "":
            return None
        found = self.estate.pointed(self, path, tuple(kinds))
        if len(found) == 1:
            return self.views(found)[0]
        if isinstance(value, Unknown):
            raise UnknownRead(value)
        reason = f"'{short(value)}' is not in this plan"
        raise UnknownRead(Unknown(reason, str(path[-1])))

    def views(self, items: Iterable[Item]) -> list[Item]:
        """The same resources, noting what is read of them in this one's place."""
        return [Item(item.document, item.estate, last=self.last) for item in items]


def _possibly(where: Callable[[Item], bool], item: Item) -> bool:
    try:
        return where(item)
    except UnknownRead:
        return True


def short(value: Any) -> str:
    """A name, or the end of an id, as a reason says it."""
    return str(value).rpartition("/")[2][:60]
