"""What an author is told about an expression that cannot be used: where, what is wrong, and what to write instead."""

from pathlib import Path

import pytest
import yaml

from scanner import policy
from scanner.authoring import lint
from scanner.scan import vocabulary
from tests.cli.command import write_policy

TOLD = {
    "resource.region = params.words[0]": [(17, "Syntax error: '=' cannot stand here; write == to compare")],
    "resource.region == 'a' and true": [(24, "Syntax error: 'and' cannot stand here; write && for and")],
    "resource.region not in params.words": [
        (17, "Syntax error: 'not' cannot stand here; write !(x in y) for x not in y")
    ],
    "not (resource.region in params.words)": [(5, "there is no 'not' here; write !")],
    "resource.region == 'a' && && true": [(27, "Syntax error: '&&' cannot stand here")],
    "resource.region == 'a' || ('b' in params.words": [
        (47, "Syntax error: the expression ends too early; a closing ) is missing")
    ],
    "resource.region == 'a' ? params.words": [
        (38, "Syntax error: the expression ends too early; something is missing")
    ],
    "resource.region == 'a in params.words": [(20, "Syntax error: the text that begins here is not closed with '")],
    "{{ resource.region }} == 'a'": [(20, "Syntax error: a } stands alone; write a name without braces")],
    "region in params.words": [(1, "there is no 'region' here; did you mean 'resource.region'?")],
    "params.words.all()": [(17, "'all' is written otherwise: list.all(x, condition on x)")],
    "len(params.words) > 0": [(4, "there is no 'len' here; did you mean 'size'?")],
    "params.words.contains('a')": [(22, "'contains' does not take (list(string), string); write x in list")],
    "resource.region == now()": [
        (23, "there is no 'now' here; a policy cannot read the clock: the same files give the same answer on every day")
    ],
}
WRONG_CONSTANTS = {
    "resource.name.matches('[')": (22, "is always an error: invalid regular expression '[': missing ]"),
    "resource.name == 'a' || timestamp('noon') > timestamp('2026-01-01T00:00:00Z')": (34, "is always an error: "),
    "duration('1 day') > duration('1h') || resource.name == 'a'": (9, "is always an error: "),
}


@pytest.mark.parametrize("text", TOLD)
def test_an_expression_that_cannot_be_read_is_told_with_what_to_write(tmp_path: Path, text: str) -> None:
    path = write_policy(tmp_path / "ours", "bad")
    found = [(one.column, one.message) for one in policy.examine(_written(path, text), vocabulary()).mistakes]
    assert found == [(column + 4, message) for column, message in TOLD[text]]


@pytest.mark.parametrize("text", WRONG_CONSTANTS)
def test_a_constant_that_no_function_takes_is_a_mistake(tmp_path: Path, text: str) -> None:
    _written(write_policy(tmp_path / "ours", "bad"), text)
    column, said = WRONG_CONSTANTS[text]
    found = [(one.column, one.message) for one in lint.mistakes([tmp_path / "ours"])]
    assert [at for at, message in found if message.startswith(said)] == [column + 4]


def _written(path: Path, text: str) -> Path:
    """The expression in a block of its own, so that its columns are those of the text, and two more."""
    body = yaml.safe_load(path.read_text())
    body["validations"][0]["expression"] = "EXPRESSION"
    path.write_text(yaml.safe_dump(body, sort_keys=False).replace("EXPRESSION", f"|-\n    {text}"))
    return path
