"""What judging costs without reading: every policy that is about one sound resource, against parsing its JSON.

Prints, as JSON, how many policies that is, the seconds they take, and the seconds `orjson.loads` takes.
"""

from __future__ import annotations

import sys
import timeit
from pathlib import Path

import orjson

from scanner import analyze, evaluate, load, normalize, policy, scan
from scanner.model import Inventory, Ledger

FIXTURE = Path("fixtures") / "terraform" / "fraud-serving-aws" / "plan.json"
RUNS, TIMES = 20, 500


def main(root: Path) -> None:
    """Judge the resource that most policies are about, of those that have no findings."""
    request = scan.Request((str(root / FIXTURE),), tuple(policy.packs(policy.shipped())), load.Options(base=root))
    policies = tuple(one for one in scan.policies_of(request) if not one.aggregate)
    (partition,) = load.partitions(request.targets, request.options, Ledger())
    inventory = normalize.inventory(partition, Ledger())
    facts = analyze.facts(inventory, Ledger(), scan.facts_read(policies))
    chosen, asked = Inventory([]), 0
    for resource in inventory:
        alone = Inventory([resource])
        judge = evaluate.Judge(policies)
        if not list(judge.partition(alone, facts)) and (count := _judged(judge)) > asked:
            chosen, asked = alone, count
    text = orjson.dumps(next(iter(chosen)).native, default=repr)
    judge = evaluate.Judge(policies)
    ours = _fastest(lambda: list(judge.partition(chosen, facts)))
    print(orjson.dumps([asked, ours, _fastest(lambda: orjson.loads(text))]).decode())


def _judged(judge: evaluate.Judge) -> int:
    return sum(len(uids) for tally in judge.tallies.values() for uids in tally.values())


def _fastest(work: object) -> float:
    return min(timeit.repeat("work()", globals={"work": work}, number=TIMES, repeat=RUNS)) / TIMES


main(Path(sys.argv[1]).resolve())
