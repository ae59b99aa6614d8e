"""Text from scanned files, made safe to look at: characters that hide, reorder or control are shown by name.

A name may hold a right-to-left override that makes `exe.jpg` out of `gpj.exe`, an escape sequence that recolors a
terminal, or a zero-width space. Unicode calls these categories Cc, Cf, Cs, Co, Cn, Zl and Zp (Unicode Standard
Annex 44); they are replaced by their number, because few fonts have the pictures that Unicode provides for some.
"""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """The text on one line, with nothing in it that a reader cannot see."""
    return text if text.isprintable() else "".join(map(_shown, text))


def visible_lines(text: str) -> str:
    """The same for prose, where a line feed means what it says and a tab is a space."""
    return "\n".join(visible(line.replace("\t", "    ").rstrip("\r")) for line in text.split("\n"))


def _shown(character: str) -> str:
    harmless = character.isprintable() or unicodedata.category(character) == "Zs"
    return character if harmless else f"[U+{ord(character):04X}]"
