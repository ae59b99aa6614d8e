"""Variables, outputs and providers that have to do with a secret, from a plan and from its configuration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.model import Citation, Ledger, Unknown

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]

MAIN = """\
variable "region" { default = "eu-west-1" }

variable "db_password" {
  type    = string
  default = "plum-Harbor-71-lantern"
}

variable "enable_token" {
  default = true
}

variable "stores" {
  default = { orders = { api_key = "plum-Harbor-72-lantern" } }
}

provider "vault" {
  address = "https://vault.acme.example"
  token   = "plum-Harbor-73-lantern"
}

provider "vault" {
  alias = "eu"
  token = var.db_password
}

provider "helm" {
  kubernetes {
    host  = "https://cluster.acme.example"
    token = "plum-Harbor-74-lantern"
  }
  registry {
    url      = "oci://charts.acme.example"
    password = var.db_password
  }
}

module "database" {
  source          = "./database"
  master_password = "plum-Harbor-75-lantern"
}

module "network" {
  source = "./network"
  cidr   = "10.0.0.0/8"
}

provider "kubernetes" {
  exec {
    command = "kubelogin"
  }
}

output "db_password" {
  value     = var.db_password
  sensitive = true
}

output "endpoint" {
  value = "https://scoring.acme.example"
}
"""

PLAN = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {},
        "outputs": {
            "db_password": {"sensitive": True, "value": "plum-Harbor-71-lantern"},
            "endpoint": {"sensitive": False, "value": "https://scoring.acme.example"},
        },
    },
    "resource_changes": [],
    "configuration": {
        "provider_config": {
            "vault": {"name": "vault", "expressions": {"token": {"constant_value": "plum-Harbor-73-lantern"}}},
            "vault.eu": {"name": "vault", "alias": "eu", "expressions": {"token": {"references": ["var.db_password"]}}},
            "helm": {
                "name": "helm",
                "expressions": {
                    "kubernetes": [
                        {
                            "host": {"constant_value": "https://cluster.acme.example"},
                            "token": {"constant_value": "plum-Harbor-74-lantern"},
                        }
                    ],
                    "registry": [
                        {
                            "url": {"constant_value": "oci://charts.acme.example"},
                            "password": {"references": ["var.db_password"]},
                        }
                    ],
                },
            },
            "kubernetes": {
                "name": "kubernetes",
                "expressions": {"exec": [{"command": {"constant_value": "kubelogin"}}]},
            },
            "module.a:vault": {"name": "vault", "module_address": "module.a", "expressions": {"token": {}}},
        },
        "root_module": {
            "module_calls": {
                "database": {
                    "source": "./database",
                    "expressions": {"master_password": {"constant_value": "plum-Harbor-75-lantern"}},
                    "module": {},
                },
                "network": {
                    "source": "./network",
                    "expressions": {"cidr": {"constant_value": "10.0.0.0/8"}},
                    "module": {},
                },
            },
            "variables": {
                "region": {"default": "eu-west-1"},
                "db_password": {"default": "plum-Harbor-71-lantern"},
                "enable_token": {"default": True},
                "stores": {"default": {"orders": {"api_key": "plum-Harbor-72-lantern"}}},
            },
            "outputs": {
                "db_password": {"sensitive": True, "expression": {"references": ["var.db_password"]}},
                "endpoint": {"expression": {"constant_value": "https://scoring.acme.example"}},
            },
        },
    },
}
ABOUT_SECRETS = [
    "module.database", "output.db_password", "provider.helm", "provider.vault", "provider.vault.eu", "var.db_password", "var.stores",
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [("main.tf", MAIN), ("plan.json", json.dumps(PLAN))])
def test_only_what_has_to_do_with_a_secret_is_told(write: Write, read: Read, name: str, text: str) -> None:
    write(name, text)
    for called in ("database", "network"):
        write(f"{called}/main.tf", "locals {\n}\n")
    told = {document.origin.address: document.body for document in read().documents}
    assert sorted(told) == ABOUT_SECRETS
    assert {body["mode"] for body in told.values()} == {"setting"}
    assert told["var.db_password"]["values"]["default"] == "plum-Harbor-71-lantern"
    assert told["var.stores"]["values"]["default"]["orders"]["api_key"] == "plum-Harbor-72-lantern"
    assert told["provider.vault"]["values"]["token"] == "plum-Harbor-73-lantern"
    assert told["provider.vault.eu"]["expressions"]["token"]["references"] == ["var.db_password"]
    assert told["module.database"]["values"]["master_password"] == "plum-Harbor-75-lantern"
    helm = told["provider.helm"]
    assert helm["values"]["kubernetes"][0]["token"] == "plum-Harbor-74-lantern"
    assert isinstance(helm["values"]["registry"][0]["password"], Unknown) is (name == "plan.json")
    assert helm["expressions"]["registry"][0]["password"]["references"] == ["var.db_password"]
    assert told["output.db_password"]["values"]["sensitive"] is True
    assert told["output.db_password"]["sensitive"] == {("value",)}


def test_an_output_that_only_the_apply_can_tell_is_unknown(write: Write, read: Read) -> None:
    open_ended = {**PLAN, "planned_values": {"outputs": {"db_password": {"sensitive": True}}}}
    write("plan.json", json.dumps(open_ended))
    told = {document.origin.address: document.body for document in read().documents}
    assert isinstance(told["output.db_password"]["values"]["value"], Unknown)


@pytest.mark.parametrize(
    ("address", "path", "line"),
    [
        ("var.db_password", ("default",), "  default = "),
        ("var.stores", ("default", "orders", "api_key"), "orders = "),
        ("provider.vault", ("token",), "  token   = "),
        ("provider.vault.eu", ("token",), "  token = var.db_password"),
        ("module.database", ("master_password",), "  master_password = "),
        ("provider.helm", ("kubernetes", 0, "token"), "    token = "),
        ("output.db_password", ("value",), "  value     = var.db_password"),
    ],
)
def test_a_setting_is_shown_where_it_is_written(
    write: Write, base: Path, address: str, path: tuple[str, ...], line: str
) -> None:
    write("main.tf", MAIN)
    write("plan.json", json.dumps(PLAN))
    options = load.Options(base)
    found = [
        document
        for partition in load.partitions(("plan.json",), options, Ledger())
        for document in partition.documents
        if document.origin.address == address
    ]
    (place,) = load.locate([Citation(found[0].origin, path)], options)
    assert place.origin.uri == "main.tf"
    assert line in MAIN.splitlines()[place.origin.line - 1]


@pytest.mark.parametrize(
    "configuration",
    [
        {"root_module": {"variables": []}},
        {"root_module": {"variables": {"token": None}, "outputs": {"token": 3}}},
        {"provider_config": {"vault": {"expressions": {"token": "x", "password": [1]}}}},
        {"provider_config": [1], "root_module": 4},
    ],
)
def test_broken_settings_are_no_reason_to_stop(write: Write, read: Read, configuration: Any) -> None:
    write("plan.json", json.dumps({**PLAN, "configuration": configuration}))
    assert read().problems == []
