"""Lines and columns of a text, however long its lines are, are those an editor shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.load import _lines
from scanner.load._text import Text

texts = st.lists(st.sampled_from(("\n", "\n\n", "a", "bc\r\n", "\x85", "é", "d" * 9)), max_size=30).map("".join)


@pytest.mark.parametrize(("step", "few"), [(1, -1), (4, -1), (4096, -1), (4, 5), (4, 4096)])
@settings(max_examples=200, deadline=None)
@given(texts, st.data())
def test_places_are_those_of_an_editor(step: int, few: int, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_lines, "_STEP", step)
        patch.setattr(_lines, "_FEW", few)
        known, lines = Text("x", text), text.split("\n")
        place = known.place(start, end)
        before, last = text[:start].split("\n"), text[: max(start, end - 1)].split("\n")
        assert (place.line, place.column) == (len(before), len(before[-1]) + 1)
        assert (place.end_line, place.end_column) == (len(last), len(last[-1]) + end - max(start, end - 1) + 1)
        assert known.line_count() == max(1, len(lines) - (not lines[-1]))
        for number, line in enumerate(lines, 1):
            assert known.line(number) == line.rstrip("\r")
            assert known.line_start(number) == sum(len(one) + 1 for one in lines[: number - 1])
        assert [line.rstrip("\r") for line in lines] == list(known.lines(1, len(lines)))
