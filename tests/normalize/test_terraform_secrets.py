"""Secret managers and generators of secrets, as Terraform plans them."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]

KEY = "projects/acme/locations/europe-west4/keyRings/ml/cryptoKeys/secrets"


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ({"end_date_relative": "720h"}, 30),
        ({"end_date_relative": "4380h30m"}, 182),
        ({"end_date_relative": "12h"}, 1),
        ({}, 730),
    ],
)
def test_a_password_of_entra_says_how_long_it_lasts(one: One, written: dict[str, Any], days: int) -> None:
    found = one("azuread_application_password.ci", {"display_name": "ci", **written})
    assert found.attributes["lifetime_days"] == days


@pytest.mark.parametrize("written", [{"end_date_relative": "P30D"}, {"end_date": "2030-01-01T00:00:00Z"}])
def test_a_lifetime_that_cannot_be_told_is_unknown(one: One, written: dict[str, Any]) -> None:
    found = one("azuread_service_principal_password.ci", {"service_principal_id": "ci", **written})
    assert isinstance(found.attributes["lifetime_days"], Unknown)


def test_every_copy_of_a_google_secret_needs_a_key_of_its_own(one: One) -> None:
    keyed = {"location": "europe-west4", "customer_managed_encryption": [{"kms_key_name": KEY}]}
    plain = {"location": "europe-west1", "customer_managed_encryption": []}
    for replicas, encryption in (([keyed], "customer"), ([keyed, plain], "provider")):
        replication = [{"auto": [], "user_managed": [{"replicas": replicas}]}]
        found = one("google_secret_manager_secret.db", {"secret_id": "db", "replication": replication})
        assert found.attributes["encryption"] == encryption


def test_a_rotation_written_at_the_secret_itself_counts_too(one: One) -> None:
    kind = "aws_secretsmanager_secret.db"
    rules = [{"automatically_after_days": 30}]
    assert one(kind, {"name": "db", "rotation_rules": rules}).attributes["renewed"] is True
    assert one(kind, {"name": "db", "rotation_rules": []}).attributes["renewed"] is False
