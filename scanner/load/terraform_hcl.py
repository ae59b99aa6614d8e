"""Reads Terraform and OpenTofu configuration that has no plan: what the pre-commit hook sees.

A root module is worked out from its source where that is plain (`_hcl/plain_blocks`), else evaluated by `tfparse` in a
child process, which never downloads anything. Its values are believed only where the source shows that they are made
from what is known (`_hcl/trust`); everything else is `Unknown`.

A body has the shape that `terraform_plan` documents, with `actions` empty, because a configuration changes nothing.
A module that is called but not at hand is a document of mode `absent`: whatever it is given, it may add something to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load import _files
from scanner.load._files import File, Options
from scanner.load._hcl import forms as hcl_forms
from scanner.load._hcl import roots as hcl_roots
from scanner.load._text import Place
from scanner.model import Citation, Document, Ledger, Origin, Partition
from scanner.patterns import regex

if TYPE_CHECKING:
    from scanner.load._hcl.evaluation import Evaluation

DIALECT = "terraform"
SOURCE = "terraform_hcl"
SUFFIXES = (*hcl_forms.SUFFIXES, *hcl_forms.VARIABLES)
"""Files that, named by themselves, lead to the root modules that use them."""

_CREDENTIALS = regex(r"(?<=//)[^/@]*@")

LONELY = "terraform variables without a configuration"
PLANNED = "terraform configuration (its plan is scanned)"


def places(_: Callable[[], File], citations: Sequence[Citation], options: Options) -> Iterator[Place | None]:
    """Where each citation is written. The file of an origin is the folder of the root module."""
    from scanner.load._hcl.configuration import Configurations  # noqa: PLC0415  # a parser only findings need

    configurations = Configurations(options)
    for citation in citations:
        yield configurations.find_below(citation.origin.uri, citation.origin.address, citation.path)


class _Root(Struct, frozen=True):
    """A root module, and how it is to be read."""

    folder: Path
    uri: str
    options: Options


class Roots(Struct):
    """Gathers the configuration files of a scan, and reads each root module among them once."""

    options: Options
    ledger: Ledger
    _seen: set[Path] = field(default_factory=set)
    _named: set[Path] = field(default_factory=set)
    _given: dict[Path, list[Path]] = field(default_factory=dict)
    """Variable files that were named by themselves, by the module they belong to."""
    _planned: set[Path] = field(default_factory=set)
    _declared: set[str] = field(default_factory=set)
    """The variables of all root modules."""

    def meet(self, folder: Path) -> None:
        """A folder in which a file was met; its path has no links in it."""
        self._seen.add(folder)

    def add(self, path: Path) -> None:
        """A file that was named by itself leads to the root modules that use it."""
        if not path.name.endswith(hcl_forms.VARIABLES):
            self._named.add(_files.real(path).parent)
        elif module := hcl_roots.owner(_files.real(path), self.options):
            self._named.add(module)
            self._given.setdefault(module, []).append(_files.real(path))
        else:
            self.ledger.skipped[LONELY] += 1

    def add_plan(self, path: Path) -> None:
        """A plan that is scanned itself; it usually lies beside its configuration or one folder below it."""
        here = _files.real(path).parent
        self._planned |= {here} if hcl_forms.files(here) else {here.parent}

    def partitions(self) -> Iterator[Partition]:
        """A partition for each root module that no plan stands for."""
        found = set(hcl_roots.roots(self._seen))
        found |= hcl_roots.roots_of(self._named - self._seen, self.options, self.ledger)
        for folder in found & self._planned:
            self.ledger.skipped[PLANNED] += len(hcl_forms.files(folder))
        judged = sorted(found - self._planned)
        if judged:
            yield from self._judged([_Root(folder, self._uri(folder), self._options_of(folder)) for folder in judged])
            self._complain()

    def _judged(self, roots: Sequence[_Root]) -> Iterator[Partition]:
        from scanner.load._hcl.evaluation import Evaluation  # noqa: PLC0415  # a parser that only configurations need
        from scanner.load._hcl.evaluator import Evaluator  # noqa: PLC0415  # starts processes

        evaluation = Evaluation(Evaluator())
        try:
            for root, following in zip_longest(roots, roots[1:]):
                yield Partition(root.uri, self._documents(root, following, evaluation))
        finally:
            evaluation.close()

    def _uri(self, folder: Path) -> str:
        return _files.uri_of(folder, self.options.base)

    def _complain(self) -> None:
        """A value that is used nowhere is a slip of the pen, and would change nothing in silence."""
        for name in dict.fromkeys(one[0] for one in self.options.terraform.values if isinstance(one, tuple)):
            if name not in self._declared:
                message = "sets a variable that no root module in this scan declares"
                self.ledger.problem("load", f"--var {name}", message, "Check its name.", incomplete=False)

    def _options_of(self, folder: Path) -> Options:
        """The options for one root module. A variable file that was named is what it is planned with.

        Of several, which are for environments of their own, none is taken.
        """
        own = set(hcl_forms.variable_files(folder)) if folder in self._given else set()
        given = [path for path in self._given.get(folder, ()) if path.parent != folder or path.name not in own]
        chosen = self.options.terraform
        if len(given) == 1:
            return replace(self.options, terraform=replace(chosen, values=(*given, *chosen.values)))
        if given:
            message = f"has {len(given)} variable files in this scan, and is judged without them"
            hint = "Scan with one at a time: --var-file FILE"
            self.ledger.problem("load", self._uri(folder), message, hint, incomplete=False)
        return self.options

    def _documents(self, root: _Root, following: _Root | None, evaluation: Evaluation) -> Iterator[Document]:
        try:
            yield from self._evaluated(root, following, evaluation)
        except (LoadError, OSError, *HOSTILE_SHAPE) as error:
            evaluation.close()
            told = error if isinstance(error, LoadError) else _files.hostile(error)
            self.ledger.problem("load", root.uri, told.message, told.hint)

    def _evaluated(self, root: _Root, following: _Root | None, evaluation: Evaluation) -> Iterator[Document]:
        from scanner.load._hcl import secrets as hcl_secrets  # noqa: PLC0415  # a parser that only configurations need
        from scanner.load._hcl.documents import Bodies  # noqa: PLC0415  # likewise

        module, blocks = evaluation.of(root.folder, root.options)
        self.ledger.secrets.update(hcl_secrets.texts(module, root.options))
        if following:
            with suppress(LoadError, OSError, *HOSTILE_SHAPE):  # its own turn will tell
                evaluation.begin(following.folder, following.options)
        uri = root.uri
        self._declared |= {labels[0] for kind, *labels in module.blocks if kind == "variable" and labels}
        for address, source in module.missing():
            message, hint = _not_here(source)
            self.ledger.problem("load", f"{uri}#{address}", message, hint, incomplete=False)
        for file, line in module.unread.items():
            message = f"is not understood from line {line} on, so resources may be missing"
            self.ledger.problem("load", file, message, "Scan the plan of this configuration instead.")
        bodies = Bodies(blocks)
        for body in bodies.of(module):
            yield Document(DIALECT, body, Origin(uri, SOURCE, (), body["address"]))
        for address in bodies.lost:
            message = "is a module that cannot be evaluated, so nothing is known of what is in it"
            hint = "Repair what `terraform validate` says of it, or scan the plan of this configuration."
            self.ledger.problem("load", f"{uri}#{address}", message, hint)
        self.ledger.files[SOURCE] += len(hcl_forms.files(root.folder))


def _not_here(source: str) -> tuple[str, str]:
    """What is said of a module that is called and not at hand, and what to do about it."""
    plain = _CREDENTIALS.sub("", source).partition("?")[0]
    what = f"calls the module {plain or '(its source is computed)'}, which is not here: what depends on it is unknown"
    if plain.startswith("."):
        return what, "Check the path. Folders outside of the repository are not read."
    return what, "Run `terraform init` first, which downloads it; or scan the plan."
