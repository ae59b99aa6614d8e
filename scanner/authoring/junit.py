"""Outcomes of cases as JUnit XML, which every CI service reads.

Valid by the two schemas in use, that of Apache Ant's reports (windyroad/JUnit-Schema) and that of Jenkins: a suite for
each policy. The schemas ask for a time, a host and durations; these are constant, so that the same cases give the same
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from scanner.report._visible import visible_lines
from scanner.trial import Outcome

_TIME = "1970-01-01T00:00:00"


def render(outcomes: Sequence[Outcome]) -> bytes:
    """The report, in UTF-8."""
    root = ET.Element("testsuites")
    for number, (name, group) in enumerate(groupby(outcomes, lambda one: (one.pack, one.policy_id))):
        root.append(_suite(number, name, list(group)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(number: int, name: tuple[str, str], outcomes: Sequence[Outcome]) -> ET.Element:
    pack, policy_id = name
    suite = ET.Element(
        "testsuite",
        {
            "package": pack,
            "id": str(number),
            "name": policy_id,
            "timestamp": _TIME,
            "hostname": "localhost",
            "tests": str(len(outcomes)),
            "failures": str(sum(bool(one.wrong) for one in outcomes)),
            "errors": "0",
            "time": "0",
        },
    )
    ET.SubElement(suite, "properties")
    suite.extend(_case(one) for one in outcomes)
    for stream in ("system-out", "system-err"):
        ET.SubElement(suite, stream)
    return suite


def _case(one: Outcome) -> ET.Element:
    name = {"name": _clean(one.case), "classname": f"{one.pack}.{one.policy_id}", "time": "0"}
    case = ET.Element("testcase", name)
    if one.wrong:
        told = _clean(one.wrong)
        failure = ET.SubElement(case, "failure", {"message": told.split("\n")[0], "type": one.expect})
        failure.text = told
    return case


def _clean(text: str) -> str:
    """XML has no form for control characters."""
    return visible_lines(text)
