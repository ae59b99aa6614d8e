"""One scan from start to finish. Read this file first.

    load -> normalize -> analyze -> evaluate -> (report: see cli/scan.py)

Rooms never import each other. They meet here, and share only `scanner.model`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from scanner import __version__, admission, analyze, evaluate, load, normalize, policy
from scanner.model import (
    Effect,
    Elsewhere,
    Finding,
    Inventory,
    Ledger,
    Partition,
    Policy,
    Program,
    ResourceCard,
    ScanResult,
    Severity,
    Unknown,
)
from scanner.patterns import regex
from scanner.redact import Redactor

T = TypeVar("T")
_SCHEMA = "openAPIV3Schema"
_FACT = regex(r"\bfacts\s*\.\s*(\w+)")
"""A fact in the text of an expression. Text is enough: what stands in quotes only costs a fact too many."""


class Request(Struct, frozen=True):
    """What to scan, with which policies."""

    targets: tuple[str, ...]
    packs: tuple[Path, ...]
    options: load.Options
    settings: policy.Settings = field(default_factory=policy.Settings)
    admission: tuple[str, ...] = ()
    """Files and folders with Kubernetes' own policies."""


def scan(request: Request, chosen: Sequence[Policy] = ()) -> ScanResult:
    """Look at every target with every policy; say what was found and what could not be seen.

    `chosen` is for those who have loaded the request's policies already.
    """
    ledger = Ledger()
    memory = policy.Memory() if chosen else memory_of(request)
    chosen = (
        *(chosen or policies_of(request, memory)),
        *admission.policies(request.admission, request.options, ledger),
    )
    policies = tuple(one for one in chosen if not one.disabled)
    run = _Run(evaluate.Judge(policies), facts_read(policies), ledger)
    judgements: list[evaluate.Judgement] = []
    for partition in load.partitions(request.targets, _sparing(request, policies), ledger):
        judgements += run.judged(partition)
    judgements += run.judge.totals()
    by_id = {one.id: one for one in policies}
    redactor = Redactor(ledger.secrets)
    finished = sorted(_finish(judgements, request.options, redactor), key=_order(by_id))
    memory.keep()
    result = ScanResult(
        policies=by_id,
        resources=run.cards,
        findings=tuple(one for one in finished if one.effect is not Effect.FIXED),
        tallies=run.judge.tallies,
        problems=tuple(ledger.problems),
        files=dict(ledger.files),
        skipped=dict(ledger.skipped),
        targets=request.targets,
        version=__version__,
        disabled=tuple(one for one in chosen if one.disabled),
        fixed=tuple(one for one in finished if one.effect is Effect.FIXED),
    )
    return evaluate.without_secrets(result, redactor)


class _Run(Struct):
    """What one scan keeps from partition to partition."""

    judge: evaluate.Judge
    wanted: Collection[str]
    """The facts to derive."""
    ledger: Ledger
    cards: dict[str, ResourceCard] = field(default_factory=dict)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    def judged(self, partition: Partition) -> Iterator[evaluate.Judgement]:
        """The judgements of a partition. All else that was made of it is gone before the next one is read."""
        estates = normalize.estates(partition, self.ledger)
        before = [estates.before] if estates.before is not None else []
        for inventory in before:
            analyze.note(inventory, self.elsewhere.copy())  # what it knows of others is what they are now
        analyze.note(estates.now, self.elsewhere)
        known = []
        for inventory in (*before, estates.now):  # last what will be, which reports show
            facts = analyze.facts(inventory, self.ledger, self.wanted)
            self.cards.update((card.uid, card) for card in _cards(inventory, facts))
            self.ledger.secrets |= evaluate.secrets(inventory, facts)
            known.append((inventory, facts))
        yield from self.judge.changed(known[1], known[0]) if before else self.judge.partition(*known[0], estates.past)


def memory_of(request: Request) -> policy.Memory:
    """What former scans understood of the chosen packs."""
    return policy.Memory.of([path for pack in request.packs for path in policy.files(pack)], request.settings.params)


def policies_of(request: Request, memory: policy.Memory | None = None) -> tuple[Policy, ...]:
    """The chosen policies, checked against everything an expression may name."""
    return policy.load(request.packs, vocabulary(), request.settings, memory)


def compiled(request: Request) -> tuple[Policy, ...]:
    """The chosen policies, each compiled now: for those who look into expressions."""
    return policy.load(request.packs, vocabulary(), request.settings, trust_shipped=False)


def vocabulary() -> policy.Vocabulary:
    """Everything an expression may name. Told when it is asked for: expressions that are remembered need none of it."""
    facts = Later(lambda: {name: fact.type for name, fact in analyze.vocabulary().items()})
    return policy.Vocabulary(facts, Later(normalize.vocabulary))


class Later(Mapping[str, T]):
    """A mapping that is made when somebody looks into it."""

    def __init__(self, make: Callable[[], Mapping[str, T]]) -> None:
        self._made = cache(make)

    def __getitem__(self, key: str) -> T:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


def facts_read(policies: Iterable[Policy]) -> Collection[str]:
    """The facts worth deriving: those that policies name, and those that every report needs."""
    texts = (program.text for one in policies for program in programs(one))
    named = {name for text in texts for name in _FACT.findall(text)}
    return named & set(analyze.names()) | {"owner", "secret_references"}


def _sparing(request: Request, policies: Iterable[Policy]) -> load.Options:
    """Leave unread what nobody asks for. Admission policies may ask in more places than their programs."""
    asked = any(_SCHEMA in program.text for one in policies for program in programs(one))
    kubernetes = replace(request.options.kubernetes, schemas=bool(request.admission) or asked)
    return replace(request.options, kubernetes=kubernetes)


def programs(one: Policy) -> Iterator[Program]:
    """Every expression of a policy."""
    yield from (gate for gate in (one.match.where, one.when) if gate)
    yield from (validation.program for validation in one.validations)
    yield from (
        part for validation in one.validations for part in validation.message_parts if not isinstance(part, str)
    )
    if one.aggregate:
        yield from one.aggregate.group_by.values()
        yield from (measure for measure in (one.aggregate.measure,) if measure)


def _cards(inventory: Inventory, facts: analyze.Facts) -> Iterator[ResourceCard]:
    def word(value: object) -> str:
        if type(value) is str:  # as nearly all are
            return value
        return "unknown" if isinstance(value, Unknown) else str(value)

    for resource in inventory:
        team = facts.values_for(resource.uid)["owner"]["team"]
        yield ResourceCard(
            uid=resource.uid,
            type=resource.type,
            native_type=resource.native_type,
            provider=resource.provider,
            name=word(resource.name),
            region=word(resource.region),
            team=word(team),
            source=resource.origin.source,
            origin=resource.origin,
        )


def _finish(judgements: Sequence[evaluate.Judgement], options: load.Options, redactor: Redactor) -> Iterator[Finding]:
    """Look up every place the judgements point to, each file once, and remove secrets."""
    wanted = [citation for judgement in judgements for citation in judgement.citations()]
    places = iter(load.locate(wanted, options))
    for judgement in judgements:
        mine = [next(places) for _ in judgement.citations()]
        yield evaluate.finish(judgement, [(place.origin, place.frame) for place in mine], mine[0].related, redactor)


def _order(policies: Mapping[str, Policy]) -> Callable[[Finding], tuple[int, str, str, int, str]]:
    """Worst first, then policy, file and line; the same in every scan."""
    severities = list(Severity)

    def key(finding: Finding) -> tuple[int, str, str, int, str]:
        origin = finding.origin
        rank = severities.index(policies[finding.policy_id].severity)
        return (rank, finding.policy_id, origin.uri, origin.line, finding.resource_uid)

    return key
