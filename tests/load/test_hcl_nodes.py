"""Syntax trees are shared between reading a file and finding its lines, and not hoarded."""

from scanner.load._hcl import nodes as hcl_nodes


def test_a_text_is_parsed_once_while_it_is_kept() -> None:
    assert hcl_nodes.parse('a = "1"') is hcl_nodes.parse('a = "1"')


def test_old_trees_make_room_for_new_ones_and_huge_ones_are_not_kept() -> None:
    trees = hcl_nodes.Trees()
    texts = [f"a = {number}\n{' ' * 300_000}" for number in range(5)]
    first = [trees.of(text) for text in texts]
    assert [trees.of(text) is tree for text, tree in zip(reversed(texts), reversed(first), strict=True)][:3] == [
        True
    ] * 3
    assert trees.of(texts[0]) is not first[0]
    huge = f"a = 1\n{' ' * 1_000_001}"
    assert trees.of(huge) is not trees.of(huge)
    assert trees.of(texts[0]) is trees.of(texts[0])
