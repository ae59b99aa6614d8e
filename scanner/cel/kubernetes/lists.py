"""Kubernetes' list and regex functions, and CEL's lists and sets extensions, on known values.

Kubernetes has the lists extension from 1.34 on. Source: `ext.Lists` in the environment of its API server
(k8s.io/apiserver, pkg/cel/environment), and what cel-go documents of each function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from scanner.cel.budget import BUDGET
from scanner.cel.functions import compiled
from scanner.cel.operators import OPERATORS, add, contains, mismatch
from scanner.cel.values import Fault, equal, kind
from scanner.model import Unknown, UnknownRead, known
from scanner.three_valued import every, some

_LESS = OPERATORS["_<_"]


def index_of(items: Any, item: Any) -> int:
    """Where the list first holds the item; -1 where it does not."""
    return next((at for at, found in enumerate(_list("indexOf", items)) if known(equal(found, item))), -1)


def last_index_of(items: Any, item: Any) -> int:
    """Where the list last holds the item; -1 where it does not."""
    places = range(len(_list("lastIndexOf", items)) - 1, -1, -1)
    return next((at for at in places if known(equal(items[at], item))), -1)


def _sum(items: Any) -> Any:
    """Numbers of one type, or durations; 0 where there are none."""
    elements = _known("sum", items)
    total = elements[0] if elements else 0
    for item in elements[1:]:
        total = add(total, item)
    return total if not isinstance(total, str | bytes | list | bool) else _refused("sum", items)


def _extreme(name: str, *, largest: bool) -> Callable[[Any], Any]:
    def run(items: Any) -> Any:
        elements = _known(name, items)
        if not elements:
            raise Fault(f"{name} called on an empty list")
        best = elements[0]
        for item in elements[1:]:
            best = item if (_LESS(best, item) if largest else _LESS(item, best)) else best
        return best

    return run


def _is_sorted(items: Any) -> bool:
    return not any(_LESS(second, first) for first, second in pairwise(_known("isSorted", items)))


def _find(text: Any, pattern: Any) -> str:
    """The first match; empty where there is none."""
    return next(iter(_find_all(text, pattern, 1)), "")


def _find_all(text: Any, pattern: Any, limit: Any = -1) -> list[str]:
    """At most `limit` matches, or all where it is negative. An empty match right behind another is none, as in Go."""
    if not (isinstance(text, str) and isinstance(pattern, str) and isinstance(limit, int)):
        raise mismatch("findAll", text, pattern, limit)
    matches: list[str] = []
    last = -1
    for found in compiled(pattern).finditer(text):
        if 0 <= limit <= len(matches):
            break
        if found.end() > found.start() or found.start() != last:
            matches.append(found.group())
        last = found.end()
    return matches


def _sets_contains(items: Any, wanted: Any) -> bool | Unknown:
    """Whether every wanted element is in the list."""
    answers = [_member(item, _list("sets.contains", items)) for item in _list("sets.contains", wanted)]
    return every(answers)


def _sets_intersects(items: Any, others: Any) -> bool | Unknown:
    """Whether the lists have an element in common."""
    answers = [_member(item, _list("sets.intersects", others)) for item in _list("sets.intersects", items)]
    return some(answers)


def _sets_equivalent(items: Any, others: Any) -> bool | Unknown:
    """Whether each list holds every element of the other."""
    return every([_sets_contains(items, others), _sets_contains(others, items)])


def _member(item: Any, items: Any) -> bool | Unknown:
    return item if isinstance(item, Unknown) and items else contains(item, items) if items else False


def _whole(name: str, value: Any) -> int:
    if kind(value) != "int":
        raise mismatch(name, value)
    return int(value)


def _list(name: str, value: Any) -> Any:
    return value if isinstance(value, list | tuple) else _refused(name, value)


def _known(name: str, value: Any) -> Any:
    """A list with no unknown element; the sum of what is not known is not known."""
    for item in _list(name, value):
        if isinstance(item, Unknown):
            raise UnknownRead(item)
    return value


def _refused(name: str, value: Any) -> Any:
    raise mismatch(name, value)


def _slice(items: Any, start: Any, end: Any) -> Any:
    """The elements from one index to before another."""
    if not 0 <= _whole("slice", start) <= _whole("slice", end) <= len(_list("slice", items)):
        raise Fault(f"cannot slice({start}, {end}) a list of {len(items)}")
    return items[start:end]


def _flatten(items: Any, depth: Any = 1) -> list[Any]:
    """Lists in the list replaced by their elements, and so on, so many levels deep."""
    if _whole("flatten", depth) < 0:
        raise Fault("flatten: the level must not be negative")
    found: list[Any] = []
    for item in _known("flatten", items) if depth else _list("flatten", items):
        inside = depth and isinstance(item, list | tuple)
        found.extend(_flatten(item, depth - 1) if inside else [item])
    BUDGET.spend(len(found))
    return found


def _distinct(items: Any) -> list[Any]:
    """The first of each that are equal."""
    found: list[Any] = []
    for item in _known("distinct", items):
        if not any(known(equal(item, other)) for other in found):
            found.append(item)
    return found


def _sorted_by(items: Any, keys: Any) -> list[Any]:
    """The elements in the order of their keys, which are of one type."""
    order = sorted(range(len(_known("sort", keys))), key=cmp_to_key(lambda one, two: _order(keys[one], keys[two])))
    return [items[at] for at in order]


def _order(one: Any, other: Any) -> int:
    if kind(one) != kind(other):
        raise mismatch("sort", one, other)
    BUDGET.spend(1)
    return int(_LESS(other, one)) - int(_LESS(one, other))


def _range(size: Any) -> list[int]:
    """The numbers from 0 to before this one."""
    BUDGET.spend(max(_whole("lists.range", size), 0) >> 3)
    return list(range(size))


def reverse(items: Any) -> Any:
    """The elements from last to first."""
    return items[::-1]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": _sum,
    "min": _extreme("min", largest=False),
    "max": _extreme("max", largest=True),
    "isSorted": _is_sorted,
    "find": _find,
    "findAll": _find_all,
    "slice": _slice,
    "flatten": _flatten,
    "distinct": _distinct,
    "sort": lambda items: _sorted_by(items, items),
    "@sortByAssociatedKeys": _sorted_by,
    "lists.range": _range,
    "sets.contains": _sets_contains,
    "sets.intersects": _sets_intersects,
    "sets.equivalent": _sets_equivalent,
}
