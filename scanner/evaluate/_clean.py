"""Takes secrets out of the names of things, once all secrets of the scan are known.

What findings say was cleaned when they were finished. This is about what things are called: resources, the addresses
that are made from their names, the groups of sums, and where a problem is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from scanner.model import Evidence, Finding, Origin, Problem, ResourceCard, ScanResult, parts_of
from scanner.redact import Redactor

_Uids = Mapping[str, str]


def without_secrets(result: ScanResult, redactor: Redactor) -> ScanResult:
    """The result with `(redacted)` for each secret in a name. Things whose names are secrets stay apart."""
    cards = _cards(result.resources, redactor)
    problems = tuple(_problem(one, redactor) for one in result.problems)
    result = replace(result, resources=cards, problems=problems)
    uids = renamed(dict.fromkeys((*cards, *_groups(result))), redactor)
    return _under(uids, result, redactor) if uids else result


def _cards(cards: Mapping[str, ResourceCard], redactor: Redactor) -> Mapping[str, ResourceCard]:
    """What is written on cards is nearly always the same few words, and none of them a secret."""
    words = {word for card in cards.values() for word in (card.name, card.region, card.team)}
    if _is_clean(words, redactor.prose):
        return cards
    clean = {word: redactor.prose(word) for word in words}
    return {
        uid: replace(card, name=clean[card.name], region=clean[card.region], team=clean[card.team])
        for uid, card in cards.items()
    }


def _problem(problem: Problem, redactor: Redactor) -> Problem:
    message, hint = redactor.prose(problem.message), redactor.prose(problem.hint)
    return replace(problem, where=redactor.name(problem.where), message=message, hint=hint)


def _groups(result: ScanResult) -> Iterator[str]:
    for policy, tally in result.tallies.items():
        if result.policies[policy].aggregate:
            yield from (uid for uids in tally.values() for uid in uids)


def renamed(uids: Collection[str], redactor: Redactor) -> _Uids:
    """The uids that hold a secret, and what to call them instead. Nearly always there is none."""
    if _is_clean(uids, redactor.name):
        return {}
    found: dict[str, str] = {}
    taken = set(uids)
    for uid in uids:
        cleaned = name = _uid(uid, redactor)
        if name == uid:
            continue
        times = 1
        while name in taken:
            times += 1
            name = f"{cleaned}~{times}"
        taken.add(name)
        found[uid] = name
    return found


def _is_clean(texts: Iterable[str], cleaned: Callable[[str], str]) -> bool:
    """Whether none of the texts holds a secret. All at once they are looked through much faster than one by one."""
    everything = "\n".join(texts)
    return cleaned(everything) == everything


def _uid(uid: str, redactor: Redactor) -> str:
    """Not its file: that has to be found. A group of a sum has none, and any sign may be in what it goes by."""
    head, address = parts_of(uid)
    return head + redactor.name(address)


def _under(uids: _Uids, result: ScanResult, redactor: Redactor) -> ScanResult:
    def origin(place: Origin) -> Origin:
        return replace(place, address=redactor.name(place.address))

    def evidence(one: Evidence) -> Evidence:
        return replace(one, origin=origin(one.origin)) if one.origin else one

    def finding(one: Finding) -> Finding:
        return replace(
            one,
            resource_uid=uids.get(one.resource_uid, one.resource_uid),
            origin=origin(one.origin),
            evidence=tuple(map(evidence, one.evidence)),
            related=tuple(map(origin, one.related)),
        )

    cards = (
        replace(card, uid=uids.get(uid, uid), origin=origin(card.origin)) for uid, card in result.resources.items()
    )
    return replace(
        result,
        resources={card.uid: card for card in cards},
        findings=tuple(map(finding, result.findings)),
        fixed=tuple(map(finding, result.fixed)),
        tallies={
            policy: {verdict: [uids.get(uid, uid) for uid in judged] for verdict, judged in tally.items()}
            for policy, tally in result.tallies.items()
        },
    )
