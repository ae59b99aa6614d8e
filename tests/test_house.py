"""The laws of the house that a machine can check."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import ryaml

from scanner import policy, registry, trial

ROOT = Path(__file__).resolve().parent.parent
PACKS = policy.packs(ROOT / "policies")
POLICIES = [path for pack in PACKS for path in policy.files(pack)]
CODE = sorted((ROOT / "scanner").rglob("*.py"))
LONGEST_FUNCTION, LONGEST_FILE = 50, 300

FORBIDDEN_AT_HELP = (
    "cel_expr_python",
    "jinja2",
    "jsonschema",
    "boto3",
    "google",
    "azure",
    "kubernetes",
    "yaml",
    "tree_sitter",
)


def body(path: Path) -> dict:
    return ryaml.loads(path.read_text(encoding="utf-8"))


def test_there_are_policies_of_five_families_for_terraform_and_for_kubernetes() -> None:
    assert {body(path)["family"] for path in POLICIES} == {"mtls", "secrets", "residency", "cost", "accelerators"}
    tried = Counter(source for path in POLICIES for source in {case["source"] for case in trial.cases(path)})
    assert tried["terraform_plan"] >= 80
    assert tried["kubernetes_manifest"] >= 60


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policy_follows_the_published_schema(path: Path) -> None:
    assert [str(mistake) for mistake in policy.check_schema(path, body(path))] == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policy_has_a_passing_and_a_failing_case(path: Path) -> None:
    assert {"pass", "fail"} <= {case["expect"] for case in trial.cases(path)}


def test_every_case_belongs_to_a_policy() -> None:
    tests = {path for pack in PACKS for path in pack.glob("*.test.yaml")}
    assert {path.with_suffix(".test.yaml") for path in POLICIES} == tests


def test_every_cited_control_exists_in_a_framework_and_every_framework_is_cited() -> None:
    frameworks = [body(path) for path in sorted((ROOT / "policies" / "frameworks").glob("*.yaml"))]
    known = {f"{framework['id']}/{control}" for framework in frameworks for control in framework["controls"]}
    cited = {control for path in POLICIES for control in body(path)["controls"]}
    assert cited == known


def test_ids_and_aliases_are_unique() -> None:
    names = Counter(name for path in POLICIES for name in (body(path)["id"], *body(path).get("aliases", ())))
    assert [name for name, times in names.items() if times > 1] == []


def test_help_imports_no_sdk_no_cel_and_no_jinja() -> None:
    code = (
        "import sys; from scanner.cli import main\ntry: main(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "click" in loaded
    assert loaded & set(FORBIDDEN_AT_HELP) == set()


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: length for node in functions if (length := _length(node)) > LONGEST_FUNCTION}
    assert long == {}
    assert text.count("\n") <= LONGEST_FILE


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_report_format_has_a_committed_sample() -> None:
    extensions = {registry.module("scanner.report", name).EXTENSION for name in registry.names("scanner.report")}
    assert {path.suffix for path in (ROOT / "reports").iterdir()} >= extensions


def test_import_contracts_are_kept() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(tool)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout


def test_every_decision_has_a_number_of_its_own_that_its_title_repeats() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(path.stem.partition("-")[0]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for number, path in zip(numbers, decisions, strict=True):
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")
