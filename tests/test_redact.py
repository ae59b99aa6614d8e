import base64
import html
import json
import re
import string
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import known_secrets, report, secret_shapes
from scanner.model import Frame, Unknown
from scanner.redact import MARK, Redactor
from tests.report import samples

GUESS = Redactor()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("password: hunter2", "password: (redacted)"),
        ('passwords = ["hunter2", "s3"]', "passwords = [(redacted)]"),
        ('"password": [\n  "hunter2",\n  "s3"\n]', '"password": [\n  (redacted)\n  (redacted)\n]'),
        ("password:\n  - hunter2\n  - s3x\nuser: u", "password:\n  - (redacted)\n  - (redacted)\nuser: u"),
        ("token: [{name: a}]", "token: [{name: a}]"),
        ("password: a longer phrase # why", "password: (redacted)"),
        ("  - clientSecret: 'it''s'", "  - clientSecret: '(redacted)'"),
        (
            'resource "a" "b" { password = sensitive("s3cret") }',
            'resource "a" "b" { password = (redacted)"(redacted)") }',
        ),
        ('x { token = var.x == "" ? "s3cret" : var.x }', 'x { token = var.x == "" ? "(redacted)" : var.x }'),
        ('token = "${coalesce(var.t, "s3cret")}"\nname = "x"', 'token = "(redacted)\nname = "x"'),
        (
            'token = coalesce(\n  var.t,\n  "s3cret",\n)\nname = "x"',
            'token = (redacted)\n  var.t,\n  "(redacted)",\n)\nname = "x"',
        ),
        ('  master_password = "a\\"b"', '  master_password = "(redacted)"'),
        ('{"db_password":"x9","user":"u"}', '{"db_password":"(redacted)","user":"u"}'),
        ("{password: foo bar, user: u}", "{password: (redacted), user: u}"),
        ("export API_KEY=abc123; run", "export API_KEY=(redacted); run"),
        ("tls.key: LS0tLS1CRUdJTg==", "tls.key: (redacted)"),
        ("api-key => 'abc'", "api-key => '(redacted)'"),
        ("- name: DB_PASSWORD\n  value: s3", "- name: DB_PASSWORD\n  value: (redacted)"),
        ("- value: s3x\n  name: DB_PASSWORD", "- value: (redacted)\n  name: DB_PASSWORD"),
        ('{"name":"HF_TOKEN","value":"s3"}', '{"name":"HF_TOKEN","value":"(redacted)"}'),
        ('args: ["--password", "s3", "-v"]', 'args: ["--password", "(redacted)", "-v"]'),
        ("args:\n  - --auth-token\n  - s3\n", "args:\n  - --auth-token\n  - (redacted)\n"),
        ("mysql --password s3 --host db", "mysql --password (redacted) --host db"),
        ("postgres://u:p@ss@db:5432/x", "postgres://u:(redacted)@db:5432/x"),
        ("https://h/p?token=abc&page=2", "https://h/p?token=(redacted)&page=2"),
        ("Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer (redacted)"),
        ("id AKIAIOSFODNN7EXAMPLE end", "id (redacted) end"),
        ("x: ghp_" + "a1B2" * 9, "x: (redacted)"),
        ("x: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9", "x: (redacted)"),
        ("x: hvs." + "A" * 24, "x: (redacted)"),
        ("password: |\n  one\n\n  two\nuser: u", "password: |\n  (redacted)\n\n  (redacted)\nuser: u"),
        ("secret_string = <<EOT\n  one\nEOT\n", "secret_string = <<EOT\n  (redacted)\nEOT\n"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n(redacted)\n-----END RSA PRIVATE KEY-----",
        ),
        ('"-----BEGIN PRIVATE KEY-----\\nabc\\n-----END', '"-----BEGIN PRIVATE KEY-----(redacted)-----END'),
        ("    " + "MIIEpAIBAAKC" * 5 + "abcd", "    (redacted)"),
    ],
)
def test_what_looks_like_a_secret_is_masked(before: str, after: str) -> None:
    assert GUESS.text(before) == after
    assert GUESS.text(after) == after


@pytest.mark.parametrize(
    "harmless",
    [
        "secretName: db-credentials",
        "secret_arn = aws_secretsmanager_secret.db.arn",
        "password = var.db_password",
        "password = random_password.db.result",
        "password = data.vault_kv_secret_v2.db.data",
        'password = "${var.password}"',
        'x { password = var.password }\nname = "x"',
        "password: $(DB_PASSWORD)",
        "password: {{ .Values.password }}",
        "password: vault:secret/data/db#password",
        "automountServiceAccountToken: false",
        "manage_master_user_password = true",
        'password: ""',
        "password: null",
        "max_tokens: 4096",
        "token_ttl: 3600",
        "kind: Secret",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db, key: password}",
        "volumes:\n- secret:\n    secretName: x",
        "image: ghcr.io/org/app:1.2",
        "https://example.com:8080/path",
        "spec.template.spec.containers[0].env[2].value",
    ],
)
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert GUESS.text(harmless) == harmless


def test_a_known_secret_goes_from_everywhere_in_every_spelling() -> None:
    secret = 'it\'s "a\\b" ${c}/é'
    redactor = Redactor([secret])
    spellings = [
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        base64.b64encode(secret.encode()).decode(),
        quote(secret, safe=""),
        secret.replace("'", "''"),
    ]
    for spelling in spellings:
        assert redactor.text(f"before {spelling} after").startswith(
            f"before {spelling[:1] * spelling.startswith(chr(34))}"
        )
        assert "it" not in redactor.text(f"x {spelling} x")


def test_the_longest_secret_wins_and_overlaps_leave_no_rest() -> None:
    assert Redactor(["1bcdef", "1bcdefgh"]).text("x1bcdefghx") == "x(redacted)x"
    assert Redactor(["abc1ef", "1efghi"]).text("xabc1efghix") == "x(redacted)x"


def test_short_and_plain_words_are_no_secrets() -> None:
    assert Redactor(["abc", "", "true"]).text("abc is true") == "abc is true"


CONFIGURATION = 'kind: Config\nenabled: "true"\nuser: admin\nuri: amqp://bunny:8%odd@host/v\n'


def test_a_telling_line_of_a_long_secret_is_known_wherever_it_stands() -> None:
    redactor = Redactor(["one\n  some%odd%line\nthree"])
    assert redactor.text("a: 1\n      some%odd%line") == "a: 1\n      (redacted)"


def test_common_lines_of_a_long_secret_stay_elsewhere_but_go_where_they_follow_each_other() -> None:
    redactor = Redactor([CONFIGURATION])
    assert redactor.text("kind: Config\nother: 1\nuser: admin") == "kind: Config\nother: 1\nuser: admin"
    assert redactor.text('data: |\n  kind: Config\n  enabled: "true"\n  user: admin\nend: 1') == (
        "data: |\n  (redacted)\n  (redacted)\n  (redacted)\nend: 1"
    )


def test_a_password_that_is_a_word_goes_where_it_is_a_value() -> None:
    redactor = Redactor(["password", "postgres"])
    assert redactor.text("  redis-password: password # key: password") == "  redis-password: (redacted)"
    assert redactor.text('image: "postgres", user: postgres') == 'image: "(redacted)", user: (redacted)'
    assert redactor.text("name: redis-password-secret\npostgres: x") == "name: redis-password-secret\npostgres: x"


JOINTS = st.sampled_from(["-", "_", ".", "/", ":", "=", "@", "1", " ", ""])


@given(
    secret=st.text(string.ascii_letters, min_size=4, max_size=12) | st.text(string.ascii_letters + string.digits, min_size=5, max_size=30),
    before=JOINTS, after=JOINTS, rest=st.sampled_from(["x", "9", "prod"]),
)  # fmt: skip
def test_a_known_secret_goes_however_it_is_joined_to_other_text(
    secret: str, before: str, after: str, rest: str
) -> None:
    """A bucket that is named after a password, a user name with one in it; only common words stay in such names."""
    assume(secret.lower() not in known_secrets.COMMON_WORDS | known_secrets.HARMLESS)
    assume((before and after) or not secret.isalpha())  # a part of a longer word is another word
    text = f"{rest}{before}{secret}{after}{rest}"
    assert secret not in Redactor({secret}).text(text)


def test_thousands_of_secrets_stay_fast() -> None:
    redactor = Redactor([f"secret-number-{number:06}" for number in range(6_000)])
    text = "nothing to see here, secret-number-x, " * 2_000 + "secret-number-005999"
    assert redactor.text(text).endswith("x, (redacted)")


@pytest.mark.parametrize(
    "part",
    [
        "a-",
        "a",
        "eyJ",
        "sk-",
        "value:",
        "name:",
        "password=",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        " ",
        "{",
        '"',
        "--token ",
    ],
)
def test_text_made_to_be_slow_is_not(part: str) -> None:
    started = time.process_time()
    GUESS.text(part * (60_000 // len(part)))
    assert time.process_time() - started < 3  # milliseconds, unless the work grows with the square of the length


def test_known_secrets_made_to_be_slow_are_not() -> None:
    started = time.process_time()
    Redactor([f"first\n{'-' * 20_000}é!\nlast"])
    assert time.process_time() - started < 3


def test_a_value_is_json_text_without_secrets() -> None:
    redactor = Redactor(["hunter2-known"])
    value = {"a": ["hunter2-known", 1, None, True], "password": "x1", "env": {"name": "API_TOKEN", "value": "y1"}}
    assert json.loads(redactor.value(value, sensitive=False)) == {
        "a": [MARK, 1, None, True],
        "password": MARK,
        "env": {"name": "API_TOKEN", "value": MARK},
    }


def test_a_sensitive_value_is_hidden_whole() -> None:
    assert GUESS.value({"a": 1}, sensitive=True) == '"(redacted)"'


def test_an_unknown_value_says_why() -> None:
    assert GUESS.value(Unknown("known after apply"), sensitive=False) == "known after apply"
    assert GUESS.value([Unknown("access denied")], sensitive=False) == '["not known: access denied"]'


def test_a_long_value_is_cut_after_its_secrets_are_gone() -> None:
    secret = "s3cret-" * 10
    shown = Redactor([secret]).value("x" * 170 + secret, sensitive=False)
    assert len(shown) <= 203
    assert "s3cret" not in shown


def test_a_deep_or_strange_value_is_shown_without_trouble() -> None:
    deep: object = "end"
    for _ in range(5_000):
        deep = [deep]
    assert "..." in GUESS.value(deep, sensitive=False)
    assert GUESS.value(frozenset({"b", "a"}), sensitive=False) == '["a", "b"]'
    assert GUESS.value({1: b"x"}, sensitive=False).startswith('{"1": ')


LINES = st.lists(st.text(alphabet=st.characters(exclude_characters="\n"), max_size=30), min_size=1, max_size=6)


@given(LINES, st.lists(st.text(min_size=1, max_size=12), max_size=3))
def test_a_frame_keeps_its_lines(lines: list[str], secrets: list[str]) -> None:
    frame = Frame(7, tuple(lines))
    redacted = Redactor([*secrets, "\n".join(lines[:2])]).frame(frame)
    assert redacted.first_line == 7
    assert len(redacted.lines) == len(lines)


PLACES: list[Callable[[str], str]] = [
    lambda secret: secret,
    lambda secret: f"plain words {secret} around",
    lambda secret: f"key: {secret}",
    lambda secret: f'  value = "{secret}"',
    lambda secret: json.dumps({"a": secret}),
    lambda secret: json.dumps(secret, ensure_ascii=False),
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: f"https://host/?q={quote(secret, safe='')}",
    lambda secret: f"{secret}{secret}",
]
SECRETS = st.text(alphabet="abcXYZ019 \"'\\<>&{}$é模/+=-_", min_size=3, max_size=20).map(lambda text: f"S3nt{text}9z")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SECRETS, st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(0, 4))
def test_a_planted_secret_appears_in_no_report(
    secret: str, place: Callable[[str], str], other: Callable[[str], str], line: int
) -> None:
    redactor = Redactor([secret])
    small = samples.small()
    model = small.findings[0]
    lines = ["one: 1"] * 5
    lines[line] = place(secret)
    finding = replace(
        model,
        message=redactor.text(other(secret)),
        frame=redactor.frame(Frame(29, tuple(lines))),
        evidence=(
            replace(model.evidence[0], value=redactor.value({"deep": [place(secret)]}, sensitive=False)),
            replace(model.evidence[0], value=redactor.value(secret, sensitive=True)),
        ),
    )
    result = replace(small, findings=(finding,))
    for name in report.formats():
        page = report.render(name, result).decode()
        for spelling in spellings(secret):
            assert spelling not in page, name


def spellings(secret: str) -> set[str]:
    """How a report might write it."""
    as_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    coded = {base64.b64encode(secret.encode()).decode().rstrip("="), quote(secret, safe="")}
    return {secret, html.escape(secret), *as_json, *coded}


@pytest.mark.parametrize("pattern", secret_shapes.TOKENS, ids=lambda pattern: pattern.pattern[:12])
@settings(max_examples=30)
@given(data=st.data())
def test_every_token_that_a_pattern_is_for_is_found(pattern: re.Pattern[str], data: st.DataObject) -> None:
    """Texts without any of the words that tokens have in common are not looked at further."""
    token = data.draw(st.from_regex(pattern.pattern))
    found = pattern.search(token)
    assert found
    assert found.span(found.lastindex or 0) in list(secret_shapes.spans(token))
