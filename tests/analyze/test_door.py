"""The door of the room: defaults, citations, and what happens when an analyzer meets a hostile shape."""

from collections.abc import Callable, Mapping
from types import ModuleType

import pytest

from scanner import analyze, registry
from scanner.analyze._guard import guarded
from scanner.model import Citation, Fact, FactField, Inventory, Ledger, Origin, Resource, Unknown

Derived = Mapping[str, Fact] | Exception
Plant = Callable[[Derived], None]
Make = Callable[..., Resource]
Estate = Callable[..., Inventory]
PLACE = Citation(Origin("a.yaml", "kubernetes_manifest"), ("spec",))


def fact_module(derived: Derived) -> ModuleType:
    def derive(inventory: Inventory) -> Mapping[str, Fact]:
        if isinstance(derived, Exception):
            raise derived
        return derived

    module = ModuleType("pet")
    module.__dict__.update(
        DOC="A pet.",
        READS=frozenset({"*"}),
        FIELDS={"name": FactField("string", "", "Its name."), "legs": FactField("int", 4, "How many.")},
        derive=derive,
    )
    return module


@pytest.fixture
def pet(monkeypatch: pytest.MonkeyPatch) -> Plant:
    def plant(derived: Derived) -> None:
        monkeypatch.setattr(registry, "module", lambda *_: fact_module(derived))

    return plant


def test_fields_a_fact_leaves_out_have_their_default(pet: Plant, inventory: Estate) -> None:
    pet({"u": Fact({"name": "Rex"})})
    facts = analyze.facts(inventory(), Ledger(), ["pet"])
    assert facts.values_for("u") == {"pet": {"name": "Rex", "legs": 4}}
    assert facts.values_for("somebody else") == {"pet": {"name": "", "legs": 4}}


def test_a_citation_is_found_by_the_path_a_policy_author_writes(pet: Plant, inventory: Estate) -> None:
    pet({"u": Fact({"name": "Rex"}, {"name": PLACE}, (("native", "path"),))})
    facts = analyze.facts(inventory(), Ledger(), ["pet"])
    assert facts.citation("u", "pet.name") is PLACE
    assert facts.citation("u", "pet.legs") is None
    assert facts.citation("u", "car.name") is None
    assert facts.citation("nobody", "pet.name") is None
    assert facts.sensitive("u") == (("native", "path"),)
    assert facts.sensitive("nobody") == ()


def test_a_fact_that_breaks_is_a_problem_and_unknown_and_the_rest_goes_on(
    pet: Plant, make: Make, inventory: Estate
) -> None:
    pet(TypeError("hunter2 is not a list"))
    ledger = Ledger()
    resource = make()
    values = analyze.facts(inventory(resource), ledger, ["pet"]).values_for(resource.uid)
    assert isinstance(values["pet"]["name"], Unknown)
    assert isinstance(values["pet"]["legs"], Unknown)
    (problem,) = ledger.problems
    assert (problem.stage, problem.where) == ("analyze", "plan.json")
    assert "pet" in problem.message
    assert problem.hint
    assert "hunter2" not in problem.message + problem.hint + values["pet"]["name"].reason


def test_a_defect_of_ours_is_not_swallowed(pet: Plant, inventory: Estate) -> None:
    pet(AssertionError("we broke it"))
    with pytest.raises(AssertionError):
        analyze.facts(inventory(), Ledger(), ["pet"])


def test_only_the_facts_that_policies_name_are_derived(make: Make, inventory: Estate) -> None:
    resource = make()
    assert analyze.facts(inventory(resource), Ledger(), []).values_for(resource.uid) == {}


def test_guarded_gives_the_very_unknown_that_was_used() -> None:
    unknown = Unknown("known after apply", "instance_type")
    suffix = "s"
    assert guarded(lambda: unknown.lower() + suffix) is unknown
    assert guarded(lambda: unknown + 1) is unknown
    assert guarded(lambda: "known") == "known"
