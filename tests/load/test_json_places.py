"""Places in JSON, however it is written."""

import json
from typing import Any

import pytest

from scanner.load._json_places import JsonPlaces
from scanner.load._text import Text

VALUES: list[Any] = [
    "plain", "", 'a "quoted" \\ word', "zwei\nZeilen", "ä€😀", 0, -12, 3.25, -1.5e300, True, False, None, [], {},
    [1, "]", "}"], {"{": "}", "a": [{"b": None}]},
]  # fmt: skip
KEYS = ["plain", "", 'with "quotes"', "back\\slash", "tab\tin it", "ä€😀", "a: b"]


@pytest.mark.parametrize("options", [{}, {"indent": 2}, {"separators": (",", ":")}, {"separators": (" , ", "\t : ")}])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_value_is_found_where_it_stands(options: dict[str, Any], ascii_only: bool) -> None:
    whole = {key: [{key: value} for value in VALUES] for key in KEYS}
    text = json.dumps(whole, ensure_ascii=ascii_only, **options)
    places = JsonPlaces(Text("x.json", text))
    for key in KEYS:
        for number, value in enumerate(VALUES):
            place = places.find((key, number, key))
            assert value_at(text, place.line, place.column) == (key, value)


@pytest.mark.parametrize("text", ['{"a": tru, "b": 1}', '{"a" 1, "b": 1}', '{"a": "x', '{"a": 1,, "b": 1}'])
def test_what_follows_a_slip_is_not_found(text: str) -> None:
    places = JsonPlaces(Text("x.json", text))
    assert places.find(("b",)) == places.find(())


def value_at(text: str, line: int, column: int) -> tuple[str, Any]:
    """The entry that starts there: its key and its value."""
    start = sum(map(len, text.split("\n")[: line - 1])) + line - 1 + column - 1
    read = json.JSONDecoder().raw_decode
    key, end = read(text, start)
    value, _ = read(text, end + len(text[end:]) - len(text[end:].lstrip(" \t\n:")))
    return key, value
