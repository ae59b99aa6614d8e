"""The fact `vault_audit`: whether a Vault that is set up here records what is asked of it.

Only a module that sets up ways to log in is asked: that takes the rights that an audit device takes as well. One that
writes a policy, a role or an engine of its own says nothing about the Vault it writes into. A module is asked once, by
the first of its ways to log in. That it turns on no device proves nothing, another module may (decision 4).
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model import Citation, Fact, FactField, Inventory, Unknown
from scanner.vault_words import AUTH_METHODS

DOC = "Whether a Vault that is set up here records what is asked of it."
READS = frozenset({"*"})
FIELDS = {
    "asked": FactField("bool", default=False, doc="It is the first way to log in that its module sets up."),
    "here": FactField("bool", default=True, doc="The module turns on an audit device."),
    "recorded": FactField(
        "bool", default=True, doc="An audit device is turned on; unknown where none is here, since another module may."
    ),
}


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for the first way to log in, by address."""
    methods = [one for one in inventory if one.native_type in AUTH_METHODS]
    if not methods:
        return {}
    first = min(methods, key=lambda one: (one.origin.address, one.uid))
    here = any(one.native_type == "vault_audit" for one in inventory)
    recorded = here or Unknown("no audit device is turned on here; another module may do it", "vault_audit")
    place = Citation(first.origin, ())
    values = {"asked": True, "here": here, "recorded": recorded}
    return {first.uid: Fact(values, dict.fromkeys(values, place))}
