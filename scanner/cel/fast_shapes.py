"""What can be told about a form's value from the shape of its node alone, whatever the data is."""

from __future__ import annotations

from scanner.cel.nodes import Call, Const, Has, Loop, Node, Select, children

_EXACT = 2**53
"""Below it every integer is a double, so that comparing an integer with a double needs no rounding."""
_BOOLEAN = frozenset(
    {
        *("_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"),
        *("@in", "matches", "startsWith", "endsWith", "contains", "hasValue"),
    }
)


def is_bool(node: Node) -> bool:
    """Whether a form of this node is a Python bool whenever it finishes."""
    match node:
        case Const(value=bool()) | Has() | Loop(kind="all" | "exists" | "exists_one"):
            return True
        case Call(function="_?_:_", args=(_, then, otherwise)):
            return is_bool(then) and is_bool(otherwise)
        case Call(function=name):
            return name in _BOOLEAN
    return False


def is_text(node: Node) -> bool:
    """Whether this is a literal text."""
    return isinstance(node, Const) and isinstance(node.value, str)


def is_number(node: Node) -> bool:
    """Whether a form of this node is a number, no bool and exact as a double, whenever it finishes."""
    match node:
        case Const(value=int() | float() as value):
            return not isinstance(value, bool) and abs(value) < _EXACT
        case Call(function="size"):
            return True
    return False


def compare_plainly(left: Node, right: Node) -> bool:
    """Whether Python's `==` on the two forms is CEL's."""
    return _is_plain(left) or _is_plain(right) or (is_number(left) and is_number(right))


def _is_plain(node: Node) -> bool:
    """Constants that equal in Python just what they equal in CEL. Not so 0 and 1, which Python takes for bools."""
    match node:
        case Const(value=None | str()):
            return True
        case Const(value=value):
            return is_number(node) and value not in (0, 1)
    return False


def weight(node: Node) -> int:
    """What a form of this node costs each time, loops inside not counted: its nodes, and the length of its texts."""
    match node:
        case Const(value=str(text)):
            return 1 + (len(text) >> 6)
        case Loop(over=over):
            return 1 + weight(over)
    return 1 + sum(map(weight, children(node)))


def optional_walk(optional: Node) -> tuple[Node, tuple[str, ...]] | None:
    """`a.b.?c.?d.e` as `a.b` and its optional steps `c d e`; None for any other way to make an optional."""
    steps: list[str] = []
    node = optional
    while not steps or _is_optional(node):
        match node:
            case Call(function="_?._" | "_[?_]" | "_[_]", args=(operand, Const(value=str(field)))):
                node = operand
            case Select(operand=operand, field=field):
                node = operand
            case _:
                return None
        steps.append(field)
    return node, tuple(reversed(steps))


def _is_optional(node: Node) -> bool:
    """Whether a question mark, or a function that may give an optional, comes further left."""
    match node:
        case Select(operand=operand):
            return _is_optional(operand)
        case Call(function="_[_]", args=(operand, _)):
            return _is_optional(operand)
        case Call():
            return True
    return False
