"""A state names the key of what is encrypted, whoever chose it."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.model import Document, Unknown
from tests.normalize.conftest import document, understood

KEY = "arn:aws:kms:eu-west-1:123456789012:key/4f9b"


def standing(address: str, values: Mapping[str, Any]) -> Document:
    """The resource as a state has it: no actions, no configuration."""
    made = document(address, values)
    body = {**made.body, "actions": (), "expressions": {}, "provider_config": {}}
    return replace(made, body=body, origin=replace(made.origin, uri="terraform.tfstate", source="terraform_state"))


def encryption(values: Mapping[str, Any], *others: Document) -> Any:
    database = standing("aws_db_instance.x", {"engine": "postgres", **values})
    return understood(database, *others)["aws_db_instance.x"].attributes["encryption"]


def test_a_key_that_is_not_in_the_state_may_be_awss_own() -> None:
    found = encryption({"storage_encrypted": True, "kms_key_id": KEY})
    assert isinstance(found, Unknown)
    assert "does not say whether the customer chose the key" in found.reason


@pytest.mark.parametrize(
    ("key", "expected"), [(KEY, "customer"), ("arn:aws:kms:eu-west-1:1:alias/aws/rds", "provider"), (None, "provider")]
)
def test_a_key_of_the_state_is_the_customers_and_aws_names_its_own(key: str | None, expected: str) -> None:
    own = standing("aws_kms_key.x", {"arn": KEY, "id": "4f9b"})
    assert encryption({"storage_encrypted": True, "kms_key_id": key}, own) == expected


def test_the_region_of_a_state_comes_from_what_stands_there() -> None:
    found = understood(standing("aws_db_instance.x", {"arn": "arn:aws:rds:eu-west-1:123456789012:db:x"}))
    assert found["aws_db_instance.x"].region == "eu-west-1"
    (nowhere,) = understood(standing("aws_db_instance.x", {"engine": "postgres"})).values()
    assert isinstance(nowhere.region, Unknown)
    assert nowhere.change == "none"


@pytest.mark.parametrize("state", [True, False])
def test_why_a_region_is_not_known_is_said_in_the_words_of_its_source(*, state: bool) -> None:
    made = standing("aws_ebs_volume.x", {"size": 1}) if state else document("aws_ebs_volume.x", {}, provider_config={})
    region = understood(made)["aws_ebs_volume.x"].region
    assert isinstance(region, Unknown)
    assert region.reason.startswith("no ARN of it in the state" if state else "the provider's region is not written")
