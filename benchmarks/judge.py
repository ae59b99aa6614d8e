"""What judging costs without reading: thirty policies on sound resources, against parsing their JSON and Google's CEL.

    python benchmarks/judge.py CHECKOUT [FOLDER]

Prints, as JSON, how many policies and resources that is, and the seconds that one resource takes: all that is done for
it once it is read and its facts are known, the same expressions in Google's runtime with the values already handed over
to it, and `orjson.loads` of it. The resources are a small deployment of the fixtures, or all workloads of a folder, for
which Google's runtime is not asked.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from cel_expr_python import cel as official
from cel_expr_python.ext import ext_bindings, ext_math, ext_optional, ext_strings
from msgspec.structs import replace

from scanner import analyze, evaluate, load, normalize, policy, scan
from scanner.evaluate import subject
from scanner.model import Inventory, Ledger, Partition, Policy, Resource, Verdict

FIXTURE, RESOURCE = Path("fixtures") / "kubernetes" / "ml-platform", "serving/Deployment/triton"
POLICIES = 30
RUNS, TIMES, COPIES = 20, 500, 49
THEIRS = official.NewEnv(
    variables=dict.fromkeys(("resource", "facts", "params"), official.Type.DYN),
    extensions=[
        ext_strings.ExtStrings(),
        ext_math.ExtMath(),
        ext_optional.ExtOptional(),
        ext_bindings.ExtBindings(),
    ],
)


def main(root: Path, folder: Path | None = None) -> None:
    """Judge resources by the first policies that find nothing wrong with any of them."""
    options = load.Options(base=root, kubernetes=load.Kubernetes(render=False))
    request = scan.Request((str(folder or root / FIXTURE),), tuple(policy.packs(policy.shipped())), options)
    policies = tuple(one for one in scan.compiled(request) if not one.aggregate)
    (partition,) = load.partitions(request.targets, request.options, Ledger())
    inventory = normalize.inventory(partition if folder else _with_copies(partition), Ledger())
    facts = analyze.facts(inventory, Ledger(), scan.facts_read(policies))
    judged = Inventory(one for one in inventory if folder or one.origin.address.startswith(RESOURCE))
    workloads = Inventory(one for one in judged if one.type == "workload")
    chosen = [one for one in policies if _is_sound(one, workloads, facts)][:POLICIES]
    parsing = _fastest_in_all([partial(orjson.loads, orjson.dumps(one.native)) for one in workloads])
    theirs = None if folder else _official_time(chosen, next(iter(workloads)), facts)
    judge = evaluate.Judge(chosen)
    ours = _fastest(lambda: list(judge.partition(workloads, facts)), TIMES // len(workloads)) / len(workloads)
    print(orjson.dumps([len(chosen), len(workloads), ours, theirs, parsing]).decode())


def _official_time(chosen: Sequence[Policy], resource: Resource, facts: analyze.Facts) -> float:
    roots = subject(resource, facts.values_for(resource.uid))
    expressions = [_official(one, roots) for one in chosen]
    return _fastest(lambda: [_passes(one) for one in expressions])


def _with_copies(partition: Partition) -> Partition:
    """The fixture with more deployments like the one that is measured, as a partition has many resources."""
    documents = tuple(partition.documents)
    found = next(one for one in documents if one.origin.address == RESOURCE)
    copies = []
    for number in range(COPIES):
        body = {
            **found.body,
            "metadata": {**found.body["metadata"], "name": f"{found.body['metadata']['name']}-{number}"},
        }
        copies.append(replace(found, body=body, origin=replace(found.origin, address=f"{RESOURCE}-{number}")))
    return replace(partition, documents=(*documents, *copies))


def _is_sound(one: Policy, alone: Inventory, facts: analyze.Facts) -> bool:
    judge = evaluate.Judge([one])
    return not list(judge.partition(alone, facts)) and any(judge.tallies[one.id][each] for each in Verdict)


def _official(one: Policy, roots: Mapping[str, Any]) -> tuple[Any, Sequence[Any], Sequence[Any]]:
    """The values, gates and validations of a policy, as Google's runtime takes them."""
    gates = [gate for gate in (one.match.where, one.when) if gate]
    values = THEIRS.Activation(data={**roots, "params": dict(one.params)})
    checks = [validation.program for validation in one.validations]
    compiled = [[THEIRS.compile(program.text) for program in programs] for programs in (gates, checks)]
    return values, compiled[0], compiled[1]


def _passes(expressions: tuple[Any, Sequence[Any], Sequence[Any]]) -> bool:
    """What we ask as well: the gates, and only behind them the validations."""
    values, gates, checks = expressions
    if not all(gate.eval(activation=values).plain_value() for gate in gates):
        return True
    return [check.eval(activation=values).plain_value() for check in checks].count(True) == len(checks)


def _fastest(work: object, times: int = TIMES) -> float:
    return min(timeit.repeat("work()", globals={"work": work}, number=times, repeat=RUNS)) / times


def _fastest_in_all(works: Sequence[object]) -> float:
    """The mean of the fastest runs of several works."""
    return sum(map(_fastest, works)) / len(works)


main(*(Path(given).resolve() for given in sys.argv[1:]))
