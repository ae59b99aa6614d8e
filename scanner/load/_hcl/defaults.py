"""Where the configuration of a provider is written that gives a resource what it does not write itself."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.json_blocks import WRITTEN_AS
from scanner.load._hcl.nodes import text_of
from scanner.load._hcl.places import Block, Folder
from scanner.load._hcl.syntax import Expression
from scanner.load._text import Place
from scanner.model import Path

_DEFAULTS: dict[str, Path] = {
    # computed argument: what its defaults are written in
    "tags_all": ("default_tags", 0, "tags"),
    "effective_labels": ("default_labels",),
    "terraform_labels": ("default_labels",),
}


def default_tag(root: Folder, block: Block, kind: str, path: Path) -> Place | None:
    """The provider's default for a tag of the resource; None where the tag is its own, or may be.

    A tag is surely a default if the resource writes its tags down one by one, and not this one. `root` is the root
    module, where providers are configured.
    """
    if len(path) < 2 or path[0] not in _DEFAULTS or block.writes(path):  # noqa: PLR2004  # the map and its key
        return None
    if _is_computed(block.argument(WRITTEN_AS[str(path[0])])):
        return None
    defaults = _DEFAULTS[str(path[0])]
    provider = next(_providers(root, block, kind), None)
    if provider is None or not provider.writes(defaults):
        return None
    where = (*defaults, *path[1:])
    return provider.find(where) if provider.writes(where) or _is_computed(provider.reach(defaults)[0]) else None


def _is_computed(value: Node | None) -> bool:
    """Whether tags are made from something else, so that they may hold more than what is written there."""
    return value is not None and bool(Expression(value).references or Expression(value).calls)


def _providers(root: Folder, block: Block, kind: str) -> Iterator[Block]:
    """The provider blocks that a resource of this type may use, by its own `provider` argument or the default one."""
    chosen = block.argument("provider")
    name, _, alias = (text_of(chosen).strip('"') if chosen else kind.partition("_")[0]).partition(".")
    for provider in root.every("provider", name):
        own = provider.argument("alias")
        if (text_of(own).strip('"') if own else "") == alias:
            yield provider
