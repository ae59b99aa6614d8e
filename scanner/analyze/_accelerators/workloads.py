"""The accelerators of a workload: what its pods ask for, times the most and the fewest of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.analyze._accelerators.claims import Claims
from scanner.analyze._accelerators.holding import Holding, one, summed, times
from scanner.analyze._accelerators.names import kind
from scanner.analyze._accelerators.pods import Demand, demands
from scanner.analyze._guard import guarded
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import mapping, peek, written
from scanner.model import Citation, Fact, Path, Resource, Unknown

Asked = tuple[Holding, Path, Path, str]
"""What all pods of a template ask for, where their spec is, where in it that is written, and a quota's name for it."""


def of_workload(claims: Claims, workload: Resource) -> Fact | None:
    """A fact for a workload whose pods ask for accelerators, or of which that is not known."""
    attributes = workload.attributes
    together = guarded(lambda: list(asked_by(workload, claims)))
    if isinstance(together, Unknown):
        return Fact(values([Holding(together, together, together)], attributes["spot"], attributes["role"]))
    if not together:
        return None
    holdings, specs, paths, _ = zip(*together, strict=True)
    place = Citation(workload.origin, _written(workload.native, specs[0], paths[0]))
    citations = {**dict.fromkeys(("count", "minimum", "model", "kind"), place), **terms_citations(workload)}
    if attributes["spot"] is False:  # the pods with accelerators should say so, not the first ones
        citations["spot"] = Citation(workload.origin, written(workload.native, specs[0]))
    return Fact(values(holdings, attributes["spot"], attributes["role"]), citations)


def _written(native: Mapping[str, Any], spec: Path, path: Path) -> Path:
    """Where a number is written: some kinds keep their containers, or these accelerators, elsewhere in the pod spec.

    A model of KServe and the container of a workflow stand under a key of their own, the resources of a training job
    under none, and Spark has a field for accelerators.
    """
    plain, inner = spec + path, path[2:]
    beside: list[Path] = [(str(key), *inner) for key in mapping(peek(native, *spec))]
    choices = [(*spec, *one) for one in (*beside, inner[1:], ("gpu", "quantity"))] if inner else []
    return next((one for one in (plain, *choices) if written(native, one) == one), written(native, plain))


def asked_by(workload: Resource, claims: Claims) -> Iterator[Asked]:
    """Every demand of its pods; raises `UnknownRead` where they cannot be seen."""
    counted: set[str] = set()
    for template in workload.attributes["pod_templates"]:
        path = tuple(template["path"])
        for demand in demands(template["spec"], claims.meaning):
            if isinstance(demand.count, Unknown) or demand.count:
                yield _holding(demand, template), path, demand.path, demand.name
        for claimed in claims.of(template["spec"], namespace_of(workload)):
            for demand in () if claimed.shared in counted else claimed.demands:
                together = Holding(demand.count, demand.count, demand.model)  # one claim, however many pods use it
                held = together if claimed.shared else _holding(demand, template)
                yield held, path, demand.path, demand.name
            counted |= {claimed.shared} - {""}


def _holding(demand: Demand, template: Mapping[str, Any]) -> Holding:
    return Holding(times(demand.count, template["maximum"]), times(demand.count, template["minimum"]), demand.model)


def values(holdings: Sequence[Holding], spot: Any, role: Any) -> dict[str, Any]:
    """The fact's fields for what is held together, on these terms, for this role."""
    total = summed(holdings)
    return {
        "count": total.most,
        "minimum": total.fewest,
        "model": total.model,
        "kind": one(lambda: {kind(holding.model) for holding in holdings}),
        "spot": spot,
        "role": role,
    }


def terms_citations(resource: Resource) -> dict[str, Citation]:
    """On which terms they are bought."""
    cited = {field: resource.citations.get(f"attributes.{field}") for field in ("spot", "reserved")}
    return {field: citation for field, citation in cited.items() if citation}
