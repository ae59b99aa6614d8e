"""Tokens of known makers, held against detect-secrets, which knows them: what it takes for a token, we must.

Left out are its detectors that go by the name of a key or by entropy alone, and those of values that have no shape of
their own (Twilio's `SK` and 32 characters, IBM's keys); docs/decisions/0020 says what they find on real manifests.
"""

import random
import string
from typing import Any

import pytest

from scanner import redact
from scanner.analyze._secrets.words import holds_token

mapping = pytest.importorskip("detect_secrets.core.plugins.util")

LETTERS = string.ascii_letters + string.digits


def some(count: int, letters: str = LETTERS, seed: int = 7) -> str:
    """Letters as a maker draws them, the same in every run."""
    return "".join(random.Random(seed + count).choices(letters, k=count))  # noqa: S311  # samples, not keys


UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
SAMPLES = [
    ("AWS Access Key", "AKIA" + some(16, UPPER)),
    ("AWS Access Key", "ABIA" + some(16, UPPER)),
    ("AWS Access Key", "A3TX" + some(16, UPPER)),
    ("GitHub Token", "ghp_" + some(36)),
    ("GitHub Token", "ghr_" + some(36)),
    *(("GitLab Token", f"{kind}-{some(26)}") for kind in ("glpat", "gldt", "glft", "glsoat", "glrt", "glcbt")),
    ("GitLab Token", "GR1348941" + some(20)),
    ("GitLab Token", "glimt-" + some(25)),
    ("GitLab Token", "glptt-" + some(40)),
    ("GitLab Token", "glagent-" + some(50)),
    ("GitLab Token", "gloas-" + some(64)),
    ("Slack Token", f"xoxb-{some(12, string.digits)}-{some(12, string.digits)}-{some(24, LOWER)}"),
    ("Slack Token", f"https://hooks.slack.com/services/T{some(9, UPPER)}/B{some(9, UPPER)}/{some(24)}"),
    ("Stripe Access Key", "sk_live_" + some(24)),
    ("SendGrid API Key", f"SG.{some(22)}.{some(43)}"),
    ("Square OAuth Secret", "sq0csp-" + some(43)),
    ("PyPI Token", "pypi-AgEIcHlwaS5vcmc" + some(80)),
    ("Mailchimp Access Key", some(32, "0123456789abcdef") + "-us12"),
    ("Telegram Bot Token", f"{some(9, '123456789')}:AA{some(33)}"),
    ("Discord Bot Token", f"M{some(23)}.{some(6)}.{some(27)}"),
    ("OpenAI Token", f"sk-{some(20)}T3BlbkFJ{some(20, seed=9)}"),
    ("Azure Storage Account access key", f"AccountKey={some(86)}=="),
]


def detector(name: str) -> Any:
    return mapping.get_mapping_from_secret_type_to_class()[name]()


@pytest.mark.parametrize(("name", "token"), SAMPLES, ids=[f"{name} {token[:9]}" for name, token in SAMPLES])
def test_a_token_that_the_library_knows_is_one_here(name: str, token: str) -> None:
    assert list(detector(name).analyze_string(token)), "a sample must be a token to the library"
    assert holds_token(token)
    assert holds_token(f"--auth {token} --verbose")


SHOWN_BY_SHAPE = {"Mailchimp Access Key", "Telegram Bot Token", "Discord Bot Token"}
"""Without a beginning of their own; where one is found in a resource, its value is hidden for that reason."""


@pytest.mark.parametrize(("name", "token"), SAMPLES, ids=[f"{name} {token[:9]}" for name, token in SAMPLES])
def test_it_is_hidden_in_any_text(name: str, token: str) -> None:
    hidden = redact.Redactor(set()).text(f"found {token} here")
    assert (token in hidden) is (name in SHOWN_BY_SHAPE)


@pytest.mark.parametrize(
    "plain",
    [
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "registry.example/a/b:1.2.3-us1",
        "2026-11-26T01:40:00Z", "10.0.0.1:8443", "0123456789:not-a-token", "glossary-of-terms-and-conditions", "SG.a.b",
        "arn:aws:iam::123456789012:role/scorer", "MyService.region.internal", "europe-west4-docker.pkg.dev/acme/models",
    ],
)  # fmt: skip
def test_what_only_looks_a_little_like_one_is_none(plain: str) -> None:
    assert not holds_token(plain)
