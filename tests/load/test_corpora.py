"""Real inputs: everything is read, and everything read has a place."""

from collections import Counter
from pathlib import Path

import pytest

from scanner import load
from scanner.model import Citation, Ledger

EXPECTED = {
    "plans": ({"terraform_plan": 741}, set()),
    "manifests": ({"kubernetes_manifest": 561}, set()),
    "inventories": ({"gcp_assets": 17}, set()),
    "charts": ({"kubernetes_manifest": 8}, set()),
    "hcl": ({"terraform_plan": 213}, {"checkov-resources/runner/resources/plan/corrupted-tfplan.json"}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_corpus(corpora: Path, name: str) -> None:
    options = load.Options(corpora / name)
    ledger = Ledger()
    documents = [
        document
        for partition in load.partitions([str(corpora / name)], options, ledger)
        for document in partition.documents
    ]
    counts, broken = EXPECTED[name]
    assert Counter(document.origin.source for document in documents) == counts
    assert {problem.where for problem in ledger.problems} == broken
    located = load.locate([Citation(document.origin, ()) for document in documents], options)
    assert all(found.origin.line for found in located)
    assert all((corpora / name / found.origin.uri).is_file() for found in located)
