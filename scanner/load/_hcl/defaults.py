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


def default_tag(root: Folder, block: Block, provider: str, path: Path) -> Place | None:
    """The provider's default for a tag of the resource; None where the tag is its own, or may be.

    A tag is surely a default if the resource writes its tags down one by one, and not this one. `root` is the root
    module, where providers are configured, and `provider` the name there of the one that the resource uses.
    """
    if len(path) < 2 or path[0] not in _DEFAULTS or block.writes(path):  # noqa: PLR2004  # the map and its key
        return None
    if _is_computed(block.argument(WRITTEN_AS[str(path[0])])):
        return None
    defaults = _DEFAULTS[str(path[0])]
    configured = next(_providers(root, provider), None)
    if configured is None or not configured.writes(defaults):
        return None
    where = (*defaults, *path[1:])
    is_there = configured.writes(where) or _is_computed(configured.reach(defaults)[0])
    return configured.find(where) if is_there else None


def _is_computed(value: Node | None) -> bool:
    """Whether tags are made from something else, so that they may hold more than what is written there."""
    return value is not None and bool(Expression(value).references or Expression(value).calls)


def provider_of(block: Block, kind: str) -> str:
    """The provider configuration that a resource uses: by its own `provider` argument, else the default of its type."""
    chosen = block.argument("provider")
    return text_of(chosen).strip('"') if chosen else kind.partition("_")[0]


def _providers(root: Folder, reference: str) -> Iterator[Block]:
    """The provider blocks that a reference such as `aws.us` means."""
    name, _, alias = reference.partition(".")
    for provider in root.every("provider", name):
        own = provider.argument("alias")
        if (text_of(own).strip('"') if own else "") == alias:
            yield provider
