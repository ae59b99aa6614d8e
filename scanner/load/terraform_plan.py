"""Reads `terraform show -json PLANFILE` (and OpenTofu's `tofu show -json`).

A body is one resource instance or data source, whatever happens to it:

- `address`, `module` (address of its module instance, empty for the root), `mode` (`managed` or `data`), `type`,
  `name`, `index` (count or for_each key, or None), `provider` (its short name, `google` for `google-beta` too);
- `values`: what it will be, with `Unknown` where only the apply can tell; for a deletion, what it was;
- `before`: what it was, or None; `actions`: the plan's words, such as `("delete", "create")`;
- `was_sensitive`: paths into `before`, and `deposed` where it is only what a former replacement left behind; both only
  in what the plan lists as changes (be it of nothing);
- `sensitive`: paths into `values`; `()` stands for all of it;
- `expressions`: how the configuration wrote its arguments, as the plan shows it (`constant_value` or `references`),
  without those that turned out to be null, which the provider chooses;
- `configured`: whether the plan shows its block, if only to say that nothing is written in it; only in changes;
- `repeated`: what its block is repeated over, `for_each` or `count`; empty for a block that is there once;
- `modules`: the modules of the whole configuration by their path of calls, see `_plan/modules`; one object for all;
- `provider_config`: what the provider was configured with, see `_plan/configuration`.

A body of mode `absent` is of something that is configured and not in view, `why` says for what reason: a resource that
a partial plan leaves out, or (without a plan) a module that is not downloaded, which has the type `module`.

Shape: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scanner.bodies import mapping
from scanner.errors import LoadError
from scanner.load._files import File, Options, Scope
from scanner.load._plan.instances import PLAN_KEYS, identity, in_module, is_instance, is_known_format, listed
from scanner.load._plan.templates import MARK
from scanner.load._plan.values import fill_hashed, fill_unknown, fill_write_only, marked
from scanner.load._text import Place
from scanner.model import Citation, Document, Ledger, Origin, Path

if TYPE_CHECKING:
    from scanner.load._plan.configuration import Configuration

DIALECT = "terraform"
SOURCE = "terraform_plan"
SUFFIXES = (".json", ".tfplan", "tfplan")
SCOPE = Scope.FILE

_ZIP = b"PK\x03\x04"
_SHOW = "Run: terraform show -json PLANFILE > plan.json"
_LOG = b'{"@level"'
_STAYS = ("no-op",)
_PRIOR = ("prior_state", "values", "root_module")
_NOTHING: frozenset[Path] = frozenset()


def claims(file: File) -> bool:
    """Whether the file is a plan, or something that people take for one."""
    data = file.data.lstrip()
    if data.startswith(_ZIP):
        return b"tfplan" in data[:4096]
    if not data.startswith(b"{"):
        return False
    if data.startswith(_LOG):
        return True
    if b'"format_version"' not in data:
        return False
    value = file.json
    return "format_version" in value and not {"terraform_version", *PLAN_KEYS}.isdisjoint(value)


def documents(file: File, ledger: Ledger) -> Iterator[Document]:
    """One document an instance: the plan's changes first, then what the plan only mentions as staying."""
    from scanner.load._hcl import terraform_settings  # noqa: PLC0415  # every scan asks whether it meets a plan
    from scanner.load._plan import secrets as plan_secrets  # noqa: PLC0415  # every scan asks whether it meets a plan
    from scanner.load._plan.configuration import Configuration  # noqa: PLC0415  # likewise

    plan = _plan(file)
    _complain(plan, file.uri, ledger)
    ledger.secrets.update(plan_secrets.texts(plan))
    templates = MARK[:1] in file.data and MARK in file.data  # one byte is looked for ten times faster
    configuration = Configuration(plan, templates=templates)
    seen: set[str] = set()
    for index, change in enumerate(listed(plan, "resource_changes")):
        if _is_change(change):
            seen.add(change["address"])
            yield _changed(change, ("resource_changes", index, "change"), file.uri, configuration)
    for pointer, resource in _staying(plan, seen):
        seen.add(resource["address"])
        yield _unchanged(resource, pointer, file.uri, configuration)
    for pointer, body in terraform_settings.of_plan(plan, configuration.modules):
        yield Document(DIALECT, body, Origin(file.uri, SOURCE, pointer, body["address"]))
    if part := _part(plan, configuration, seen):
        if plan.get("errored") is not True:
            # Whoever made it knows that, and all that it changes is judged.
            message = f"{part}: what it leaves out is not judged"
            ledger.problem("load", file.uri, message, "Plan again without -target to see the rest.", incomplete=False)
        yield from (_left_out(entry, file.uri, configuration) for entry in configuration.without_instances(seen))


def _complain(plan: Mapping[str, Any], uri: str, ledger: Ledger) -> None:
    """Whatever the plan itself lets know that it does not show."""
    if plan.get("errored") is True:
        message = "is the plan of a run that failed, so resources are missing from it"
        ledger.problem("load", uri, message, "Repair what `terraform plan` complains about and plan again.")
    changes = listed(plan, "resource_changes")
    if lost := sum(not _is_change(change) for change in changes):
        message = f"holds {lost} changes that are of no resource: no address, type, name or change"
        ledger.problem("load", uri, message, _SHOW)


def _part(plan: Mapping[str, Any], configuration: Configuration, seen: Collection[str]) -> str:
    """Why it is taken to leave out what is configured; empty if it is not.

    Terraform says so since 1.8, and OpenTofu does not. There what is missing tells, where anything is planned but to
    destroy: `plan -destroy` needs no block. It may also be repeated over a constant that is empty, which no plan shows.
    """
    if "complete" in plan:
        told = "is a plan of a part (made with -target, or with changes deferred)"
        return told if plan["complete"] is False else ""
    changes = (entry["change"] for entry in listed(plan, "resource_changes") if _is_change(entry))
    if not {word for change in changes for word in _words(change)} - {"delete", "forget", "read"}:
        return ""
    missing = configuration.missing(seen)
    return f"shows nothing of {missing}, so it seems to be of a part (made with -target or -exclude)" if missing else ""


def places(file: Callable[[], File], citations: Sequence[Citation], options: Options) -> Iterator[Place | None]:
    """Where each citation is written: in the configuration where it is at hand, else in the plan itself."""
    from scanner.load._plan.beside import places as beside  # noqa: PLC0415  # a parser only findings need

    # A whole resource is shown at its address.
    return beside(file, citations, options, _address)


def _address(pointer: Path) -> Path:
    if pointer[:1] == ("configuration",) or pointer[:2] == ("planned_values", "outputs"):
        return pointer  # a setting, which has no address of its own
    return (*pointer[: -2 if pointer[-2:-1] == ("change",) else -1], "address")


def _plan(file: File) -> dict[str, Any]:
    """The whole plan; raises `LoadError` for what is no plan, or one of a version whose shape is not known."""
    if file.data.startswith(_ZIP):
        raise LoadError("is a plan in Terraform's binary format", _SHOW)
    if file.data.lstrip().startswith(_LOG):
        raise LoadError("is the log of `terraform plan -json`, not a plan", f"Plan with -out=PLANFILE. {_SHOW}")
    plan: dict[str, Any] = file.json
    is_plan = not plan.keys().isdisjoint(PLAN_KEYS)
    version = str(plan.get("format_version"))
    if not is_known_format(version):
        hint = "Known are 0.1, 0.2 and 1.x. Look for a newer govscan, or plan with an older Terraform."
        raise LoadError(f"is a plan of format version {version}, which is not known", hint)
    if not is_plan:
        raise LoadError("holds no resources and no configuration: it is an empty state, or cut down", _SHOW)
    return plan


def _changed(entry: Mapping[str, Any], pointer: Path, uri: str, configuration: Configuration) -> Document:
    change = entry["change"]
    before, after = change.get("before"), change.get("after")
    actions = _words(change)
    stays = after is not None or bool(change.get("after_unknown"))
    side = "after" if stays else "before"
    configured = configuration.of(entry)
    expressions = configured.expressions
    values = fill_unknown(after, change.get("after_unknown"), expressions) if stays else before
    fill_write_only(values, expressions)
    for side_values in (values, before):
        fill_hashed(side_values, expressions)
    if change.get("after_unknown") is not True:
        expressions = configured.without_nulls(values)
    body = {
        **identity(entry),
        "values": values if isinstance(values, dict) else {},
        "before": before if isinstance(before, dict) else None,
        "actions": actions,
        "sensitive": frozenset(marked(change.get(f"{side}_sensitive"))),
        "was_sensitive": frozenset(marked(change.get("before_sensitive"))) if actions != _STAYS else _NOTHING,
        "deposed": "deposed" in entry,
        "expressions": expressions,
        "configured": configured.shown,
        "repeated": configured.repeated,
        "modules": configuration.modules,
        "provider_config": configured.provider,
    }
    return Document(DIALECT, body, Origin(uri, SOURCE, (*pointer, side), entry["address"]))


def _words(change: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(word for word in listed(change, "actions") if isinstance(word, str))


def _unchanged(entry: Mapping[str, Any], pointer: Path, uri: str, configuration: Configuration) -> Document:
    values = entry.get("values")
    configured = configuration.of(entry)
    body = {
        **identity(entry),
        "values": values if isinstance(values, dict) else {},
        "before": None,
        "actions": _STAYS,
        "sensitive": frozenset(marked(entry.get("sensitive_values"))),
        "expressions": configured.expressions,
        "repeated": configured.repeated,
        "modules": configuration.modules,
        "provider_config": configured.provider,
    }
    return Document(DIALECT, body, Origin(uri, SOURCE, (*pointer, "values"), entry["address"]))


def _left_out(entry: Mapping[str, Any], uri: str, configuration: Configuration) -> Document:
    """A resource that is configured and that the plan does not mention. It may belong to one that it does."""
    configured = configuration.of(entry)
    body = {
        **identity(entry),
        "mode": "absent",
        "why": "is left out of this plan",
        "values": {},
        "before": None,
        "actions": (),
        "sensitive": frozenset(),
        "expressions": configured.expressions,
        "repeated": configured.repeated,
        "modules": configuration.modules,
        "provider_config": {},
    }
    return Document(DIALECT, body, Origin(uri, SOURCE, (), entry["address"]))


def _staying(plan: Mapping[str, Any], seen: Collection[str]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """What some tools and versions leave out of the changes: resources that stay, data sources read before.

    A plan of `-refresh-only` plans nothing, so all that it found stays.
    """
    planned = mapping(plan.get("planned_values")).get("root_module")
    yield from in_module(planned, ("planned_values", "root_module"), seen)
    is_refreshed = not planned and not listed(plan, "resource_changes")
    prior = plan.get("prior_state")
    values = prior.get("values") if isinstance(prior, dict) else None
    if isinstance(values, dict):
        for pointer, entry in in_module(values.get("root_module"), _PRIOR, seen):
            if is_refreshed or entry.get("mode") == "data":
                yield pointer, entry


def _is_change(entry: Any) -> bool:
    return is_instance(entry) and isinstance(entry.get("change"), dict)
