"""Real inputs: everything is read, and everything read has a place."""

from collections import Counter
from pathlib import Path

import pytest

from scanner import load
from scanner.model import Citation, Ledger

BESIDE_RESOURCES = {"module", "setting", "absent"}
"""Calls of modules, variables and providers that concern a secret (decision 18), and what is configured and not planned."""

EXPECTED = {
    # what is read by source, what is told of a part that is only left out, and the files that are broken
    "plans": ({"terraform_plan": 741}, 0, set()),
    "manifests": ({"kubernetes_manifest": 561}, 0, set()),
    "inventories": ({"gcp_assets": 17}, 0, set()),
    "charts": ({"kubernetes_manifest": 8}, 0, set()),
    "hcl": (
        # 1,597 resources and 46 data sources in .tf files; 29 calls of modules that nobody downloaded
        {"terraform_plan": 213, "terraform_hcl": 1643, "terraform_state": 1},
        29,
        {
            f"checkov-resources/{name}"
            for name in (
                "parser/resources/hcl_timeout",
                "parser/resources/parser_scenarios/bad_tf_nested_modules_enable",
                "parser/resources/parser_scenarios/bogus_function",
                "parser/resources/parser_scenarios/maze_of_variables",
                "runner/resources/example",
                "runner/resources/hcl_timeout",
                "runner/resources/invalid_terraform_syntax",
                "runner/resources/malformed_857",
                "runner/resources/resource_ids_nested_modules",
                "runner/resources/unbalanced_eval_brackets",
            )
        },
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_corpus(corpora: Path, name: str) -> None:
    options = load.Options(corpora / name)
    ledger = Ledger()
    read = [
        document
        for partition in load.partitions([str(corpora / name)], options, ledger)
        for document in partition.documents
    ]
    documents = [one for one in read if one.body.get("mode") not in BESIDE_RESOURCES]
    counts, left_out, broken = EXPECTED[name]
    assert Counter(document.origin.source for document in documents) == counts
    told = {one.where for one in ledger.problems if not one.incomplete}
    assert told == {f"{one.origin.uri}#{one.origin.address}" for one in read if one.body.get("mode") == "absent"}
    assert len(told) == left_out
    assert {problem.where for problem in ledger.problems if problem.incomplete} == broken
    located = load.locate([Citation(document.origin, ()) for document in documents], options)
    assert all(found.origin.line for found in located)
    assert all((corpora / name / found.origin.uri).is_file() for found in located)
