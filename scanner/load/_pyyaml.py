"""PyYAML, imported in a third of the time: most of it goes to patterns that only its parser in Python needs.

We use the parser in C, to find the line of a finding, and a scan of one file can feel the difference.
"""

from scanner.patterns import compiled_later

with compiled_later():
    import yaml

__all__ = ["yaml"]
