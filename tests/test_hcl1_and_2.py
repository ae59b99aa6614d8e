"""What both versions of HCL can say, our reader of the first reads as python-hcl2 reads the second."""

from collections.abc import Iterator
from typing import Any

import hcl2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import hcl1

NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"true", "false", "null", "for", "if"}
)
TEXTS = st.text("abcdefghij 0123456789/*+_-.{}:=#", max_size=20)
LITERALS = st.booleans() | st.integers(0, 10**9) | TEXTS
VALUES = LITERALS | st.lists(LITERALS, max_size=4)
COMMENTS = st.sampled_from(["", "# said aside\n", "// said aside\n", "/* said\naside */\n"])


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """The text of some rules, and what they say."""
    text, told = "", list[Any]()
    for path in draw(st.lists(TEXTS.filter(bool), max_size=4, unique=True)):
        arguments = draw(st.dictionaries(NAMES, VALUES, max_size=4))
        lines = "".join(f"  {draw(COMMENTS)}{name} = {written(value)}\n" for name, value in arguments.items())
        text += f'{draw(COMMENTS)}path "{path}" {{\n{lines}}}\n'
        told.append(("path", path, list(arguments.items())))
    return text, told


def written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def of_version_1(text: str) -> list[Any]:
    return [
        (*item.keys, [(inner.keys[0], inner.value) for inner in item.value.items]) for item in hcl1.parse(text).items
    ]


def of_version_2(text: str) -> list[Any]:
    blocks = hcl2.loads(text).get("path", [])
    return [
        ("path", unquoted(path), list(arguments(body)))
        for block in blocks
        for path, body in block.items()
        if path.startswith('"')
    ]


def arguments(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Without what python-hcl2 notes about the block."""
    yield from ((name, unquoted(value)) for name, value in body.items() if not name.startswith("__"))


def unquoted(value: Any) -> Any:
    if isinstance(value, list):
        return [unquoted(one) for one in value]
    return value[1:-1] if isinstance(value, str) else value


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine is no failure
@given(bodies())
def test_both_readers_say_the_same(body: tuple[str, list[Any]]) -> None:
    text, told = body
    assert of_version_1(text) == told
    assert of_version_2(text) == told
