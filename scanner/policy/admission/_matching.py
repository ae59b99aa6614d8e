"""Whether a policy or a binding is about a request, three-valued.

As the API server does it: the selectors, then `excludeResourceRules`, then `resourceRules`, of which none means all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from scanner.model import Unknown
from scanner.policy.admission import _kinds
from scanner.policy.admission._request import Request
from scanner.policy.admission._selectors import selects
from scanner.three_valued import every, some

_LISTS = ("apiGroups", "apiVersions", "operations", "resources")
_SCOPES = (None, "*", "Cluster", "Namespaced")
_EXEMPT = "admissionregistration.k8s.io"
"""No policy is asked about policies and webhooks themselves, so that nobody is locked out."""


class Matching:
    """Whether a policy and its binding, by what each of them matches, are about a request.

    Most ask for nothing but its kind; for these an answer counts for all objects of the kind.
    """

    def __init__(self, both: Sequence[Mapping[str, Any]]) -> None:
        self._both = both
        self._known: dict[tuple[str, ...], bool | Unknown] = {}

    @cached_property
    def _only_kind(self) -> bool:
        """Told when a request comes: by then the shape of both is checked."""
        return all(map(_asks_only_for_kind, self._both))

    def __call__(self, request: Request) -> bool | Unknown:
        """True, false, or why it is not known."""
        if not self._only_kind or isinstance(request.namespaced, Unknown):
            return every(matches(match, request) for match in self._both)
        kind = (request.group, request.version, request.kind, request.plural, str(request.namespaced))
        if kind not in self._known:
            self._known[kind] = every(matches(match, request) for match in self._both)
        return self._known[kind]


def _asks_only_for_kind(match: Mapping[str, Any]) -> bool:
    rules = [*(match.get("resourceRules") or ()), *(match.get("excludeResourceRules") or ())]
    selectors = match.get("objectSelector"), match.get("namespaceSelector")
    return not any(selectors) and not any(rule.get("resourceNames") for rule in rules)


def matches(match: Mapping[str, Any], request: Request) -> bool | Unknown:
    """`matchConstraints` or `matchResources` against the request that creates an object."""
    if request.group == _EXEMPT:
        return False
    rules = match.get("resourceRules") or ()
    exact = match.get("matchPolicy") == "Exact"
    excluded = some(_rule(rule, request, exact=exact) for rule in match.get("excludeResourceRules") or ())
    labels = request.namespace_labels
    return every(
        (
            some(_rule(rule, request, exact=exact) for rule in rules) if rules else True,
            excluded if isinstance(excluded, Unknown) else not excluded,
            selects(match.get("objectSelector"), request.labels),
            selects(match.get("namespaceSelector"), labels) if labels else True,
        )
    )


def complaint_about_rule(rule: Any) -> str:
    """What is wrong with an entry of `resourceRules`; empty where nothing is."""
    if not isinstance(rule, dict):
        return "must be a map"
    short = next((name for name in _LISTS if not (isinstance(rule.get(name), list) and rule[name])), "")
    if short:
        return f"must have a list of {short}"
    if not isinstance(rule.get("resourceNames") or [], list):
        return "must have a list as resourceNames"
    return "" if rule.get("scope") in _SCOPES else "must have Cluster, Namespaced or * as scope"


def _rule(rule: Mapping[str, Any], request: Request, *, exact: bool) -> bool | Unknown:
    names = rule.get("resourceNames") or ()
    return every(
        (
            _one_of(rule.get("operations"), "CREATE"),
            _serves(rule, request, exact=exact),
            any(_names(resource, request.plural) for resource in rule.get("resources") or ()),
            not names or request.name in names,
            _in_scope(rule.get("scope"), request),
        )
    )


def _serves(rule: Mapping[str, Any], request: Request, *, exact: bool) -> bool:
    """With `Equivalent`, other versions, and groups a kind has moved from or to, count as well."""
    groups = rule.get("apiGroups")
    if exact:
        return _one_of(groups, request.group) and _one_of(rule.get("apiVersions"), request.version)
    return any(_one_of(groups, group) for group in _kinds.equivalents(request.group, request.kind))


def _names(resource: Any, plural: str) -> bool:
    """`pods`, `pods/*`, `*` and `*/*` are about objects; `pods/exec` is about a part of one, which no file creates."""
    name, slash, part = str(resource).partition("/")
    return name in {"*", plural} and (not slash or part == "*")


def _in_scope(scope: Any, request: Request) -> bool | Unknown:
    """A namespace is an object of the cluster, though a request for it names a namespace: its own."""
    if scope in (None, "*"):
        return True
    namespaced = request.namespaced
    return namespaced if isinstance(namespaced, Unknown) else namespaced is (scope == "Namespaced")


def _one_of(words: Any, word: str) -> bool:
    return isinstance(words, list) and not {"*", word}.isdisjoint(map(str, words))
