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


@pytest.mark.parametrize("options", [{}, {"indent": 2}, {"separators": (" , ", "\t : ")}])
@pytest.mark.parametrize("letter", ["x", "ä"])
def test_a_large_text_is_measured_and_all_in_it_is_found_as_before(options: dict[str, Any], letter: str) -> None:
    text = f" {json.dumps(large(letter), ensure_ascii=False, **options)} "
    plain, measured = both(text)
    paths = [("changes", number, "after", key) for number in (0, 7, 999, 8, 1000) for key in ("tags", "name", "none")]
    for path in [*paths, (), ("named", letter, 1), ("named", 3), ("last",), ("gone", 0)]:
        assert measured.find(path) == plain.find(path)
    place = measured.find(("changes", 999, "after", "name"))
    assert value_at(text, place.line, place.column) == ("name", f'"999" {letter}')


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"last"', '"changes"'),  # said twice
        ('"last": 1}', '"last": 1'),  # broken off
        ('"last": 1}', '"last": 1} {}'),  # not the only value
        ('"last"', "last"),
    ],
)
def test_what_cannot_be_measured_is_found_as_far_as_it_can_be_read(written: str, instead: str) -> None:
    text = json.dumps(large("x")).replace(written, instead)
    plain, measured = both(text)
    for path in (("changes", 999, "after", "name"), ("named", "x", 1), ("last",), ("changes",)):
        assert measured.find(path) == plain.find(path)


def both(text: str) -> tuple[JsonPlaces, JsonPlaces]:
    """One that only reads, and one that has measured before."""
    told = Text("x.json", text)
    return JsonPlaces(told), JsonPlaces(told, text.encode())


def large(letter: str) -> dict[str, Any]:
    """As a plan: long lists and objects, with others in them."""
    changes = [{"after": {"name": f'"{number}" {letter}', "tags": {"a": [number]}}} for number in range(1000)]
    return {"changes": changes, "named": {letter: list(range(30_000)), "other": "y" * 70_000}, "last": 1}


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
