"""What secrets look like when nobody said that they are: keys that name one, tokens of known makers, private keys.

Masking too much only hides a value in a report; masking too little publishes it. So a doubtful case is masked, except
where the text plainly is no secret: a reference (`var.password`), a switch, an empty value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from scanner.patterns import regex

Span = tuple[int, int]

_SECRET_WORDS = frozenset(
    {
        "apikey",
        "credential",
        "credentials",
        "dockerconfigjson",
        "passphrase",
        "passwd",
        "password",
        "passwords",
        "privatekey",
        "pwd",
        "secret",
        "token",
    }
)
_SECRET_PAIRS = frozenset(
    {
        ("access", "key"),
        ("account", "key"),
        ("api", "key"),
        ("auth", "key"),
        ("connection", "string"),
        ("encryption", "key"),
        ("fernet", "key"),
        ("password", "wo"),
        ("preshared", "key"),
        ("private", "key"),
        ("secret", "binary"),
        ("secret", "data"),
        ("secret", "key"),
        ("secret", "string"),
        ("secret", "value"),
        ("shared", "key"),
        ("signing", "key"),
        ("tls", "key"),
        ("webhook", "url"),
    }
)
"""Last words of keys whose value is a secret: `db_password`, `clientSecret`, `tls.key`; not `secretName`."""

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_KEY = regex(r"(?<![\w.-])-{0,2}[A-Za-z_.][\w.-]*+(?=[\"']?[ \t]*(?:=>|[:=]))")
_SEPARATOR = regex(r"[\"']?[ \t]*(?:=>|[:=])[ \t]*")
_FLAG = regex(r"--([A-Za-z][\w-]*)[\"']?,?[ \t]*(?:\n[ \t]*-[ \t]+|[ \t])[\"']?(?!-)")
_NAMED = regex(
    r"\b(?:name|key)[\"']?[ \t]*[:=][ \t]*[\"']?([A-Za-z_.][\w.-]*+)[\"']?[ \t]*+,?\s*+[\"']?value(?=[\"']?[ \t]*[:=])"
)
"""`name: DB_PASSWORD`, then `value:`; as in the environment of a container."""
_VALUE_FIRST = regex(
    r"\bvalue[\"']?[ \t]*[:=][ \t]*(?P<value>\"(?:\\.|[^\"\\\n])*\"|[^\s,]++)[ \t]*+,?\s*+"
    r"[\"']?(?:name|key)[\"']?[ \t]*[:=][ \t]*[\"']?(?P<name>[A-Za-z_.][\w.-]*)"
)

_QUOTED = regex(r'"((?:\\.|[^"\\\n])*)|\'((?:\'\'|[^\'\n])*)')
_REST_OF_LINE = regex(r"[^\n]*[^\s,]")
_FLOW = regex(r"[^\n,}\]\"']+")
_TOKEN = regex(r"[^\s,;&\"']+")
_BLOCK = regex(r"(?:[|>][-+\d]*|<<[-~]?\w+)[ \t]*(?:#[^\n]*)?\n")

_LIST = regex(r"\[([^\[\]{}]{0,4000})\]")
_ITEM = regex(r"\n[ \t]*-[ \t]+([^\n]*[^\s])")
_ITEMS = regex(r"(?:#[^\n]*)?(?:\n[ \t]*-[ \t]+(?![\"']?[\w.-]+[\"']?:(?:\s|$))[^\n]+)+")
"""A list in brackets, and one below its key with an item a line; of plain values, not of mappings."""

_PLAIN = regex(
    r"""(?ix) \s* (?:
      | true | false | null | none | nil | ~ | yes | no | on | off    # a switch, or nothing
      | \d{1,3} | \(redacted\) | <redacted> | \[redacted\]            # too short; done already
      | \$\{ [^}]* \} | \$\( [^)]* \) | \$[A-Z_]\w* | \{\{ .* \}\}    # a template fills it in
      | (?:vault|secret|secretsmanager|ssm|sm|kms|op|ref)(?:\+\w+)?: .*  # a reference to a store of secrets
    ) \s* ,? \s* """
)
_EXPRESSION = regex(
    r"""(?ix) = \s* (?:var|local|data|module|each|path|self|random_\w+|[a-z]+_\w+)\.[\w.\[\]"*-]+ \s* ,?  # Terraform
      | (?:=>|[:=]) \s* [{\[] .*                                        # a structure; its own keys are looked at
    """
)
"""Separator and value that are no secret where no quotes stand around the value."""

_COMPUTED = regex(r"\(|[A-Za-z_][\w:]*\(|[\w.\[\]\"*]+[ \t]*(?:[=!<>]=|[?<>])")
"""How an expression of Terraform begins that may have literals in it: a call, a choice."""
_STEP = regex(r'"((?:\\.|[^"\\\n])*)"?|[(\[{)\]}\n]')
_LONGEST_EXPRESSION = 4_000

TOKENS = {
    regex(pattern): words
    for pattern, *words in (
        (r"A(?:3T[A-Z0-9]|[BKS]IA|CCA)[0-9A-Z]{16}", "A3T", "ABIA", "AKIA", "ASIA", "ACCA"),  # AWS
        (r"gh[pousr]_[A-Za-z0-9]{20,}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        (r"github_pat_\w{22,}", "github_pat_"),
        (
            r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[\w-]{20,}",  # GitLab
            *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-"),
        ),
        (r"GR1348941[\w-]{20,}", "GR1348941"),
        (r"pypi-AgE[\w-]{70,}", "pypi-AgE"),
        (r"SG\.[\w-]{22}\.[\w-]{43}", "SG."),  # SendGrid
        (r"sq0csp-[\w-]{43}", "sq0csp-"),  # Square
        (r"xox[abeprs]-[A-Za-z0-9-]{10,}", "xox"),  # Slack
        (r"AIza[\w-]{35}", "AIza"),  # Google
        (r"ya29\.[\w-]{20,}", "ya29."),
        (r"hv[sbr]\.[\w-]{20,}", "hvs.", "hvb.", "hvr."),  # Vault
        (r"hf_(?<!\whf_)[A-Za-z0-9]{30,}", "hf_"),
        (r"sk-(?<!\wsk-)(?=[\w-]{0,40}\d)[\w-]{20,}", "sk-"),  # OpenAI and others
        (r"k_(?:live|test)_[A-Za-z0-9]{16,}", "k_live_", "k_test_"),  # Stripe
        (r"npm_[A-Za-z0-9]{36}", "npm_"),
        (r"dop_v1_[0-9a-f]{64}", "dop_v1_"),
        (r"[?&]sig=([A-Za-z0-9%+/_-]{40,})", "sig="),  # shared access signature of Azure
        (r"hooks\.slack\.com/services/(T\w{8,}/B\w{8,}/\w{20,})", "hooks.slack.com"),
        (r"nvapi-[\w-]{20,}", "nvapi-"),
        (r"dapi[0-9a-f]{32}\b", "dapi"),  # Databricks
        (r"eyJ(?<![\w-]eyJ)[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*", "eyJ"),  # JSON web token
        (r"[Bb]earer ([\w.~+/=-]{16,})", "earer "),
        (r"[Bb]asic (?=[a-z]*[A-Z0-9+/=])([A-Za-z0-9+/]{16,}={0,2})", "asic "),
    )
}
"""The shape of each token, and what stands in every one of that shape: looking for words is faster than for patterns.

One pattern each: Python looks for the letters a pattern begins with much faster than for one of many. What may not
stand before those letters is therefore checked behind them. A group is the secret, where there is one.
"""
_UNMARKED = (
    regex(r"s\.(?<!\ws\.)[A-Za-z0-9]{24}\b"),  # Vault
    regex(r"^[ \t]*[A-Za-z0-9+/]{60,76}={0,2}[ \t]*$", re.MULTILINE),  # a line of a key, cut off from its first
)
_SHORTEST_UNMARKED = 26

_URL_PASSWORD = regex(r"://[^\s/:@\"']*+:([^\s/\"']+)@")
_PRIVATE_KEY = regex(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(.*?)(?=-----END|\Z)", re.DOTALL)


@lru_cache(maxsize=4096)
def names_secret(key: str) -> bool:
    """Whether a value under this key is a secret, judged by its last words."""
    words = [word.lower() for word in _WORD.findall(key)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def speaks_of_secret(key: str, value: Any) -> bool:
    """Whether a setting has to do with a secret: by its name, by a name inside of it, or by the look of a text."""
    todo: list[tuple[str, Any]] = [(key, value)]
    while todo:
        name, held = todo.pop()
        if names_secret(name) or (isinstance(held, str) and next(spans(held), None)):
            return True
        if isinstance(held, Mapping):
            todo += [(str(inner), one) for inner, one in held.items()]
        elif isinstance(held, list):
            todo += [("", one) for one in held]
    return False


def hides(key: str, value: Any) -> bool:
    """Whether this value must not be shown under this key: a secret's name, and not plainly harmless."""
    if not names_secret(key) or value is None or isinstance(value, bool | Mapping):
        return False
    if isinstance(value, list | tuple):
        return any(hides(key, one) for one in value if not isinstance(one, list | tuple))
    return not _PLAIN.fullmatch(str(value))


def spans(text: str) -> Iterator[Span]:
    """Where secrets stand, as start and end; they may overlap."""
    yield from (match.span(match.lastindex or 0) for pattern in _tokens(text) for match in pattern.finditer(text))
    if "-----BEGIN" in text:
        yield from (match.span(1) for match in _PRIVATE_KEY.finditer(text))
    if "://" in text:
        yield from (match.span(1) for match in _URL_PASSWORD.finditer(text) if not _PLAIN.fullmatch(match[1]))
    if ":" in text or "=" in text:
        yield from _after_keys(text)
        yield from _beside_names(text)
    for flag in _FLAG.finditer(text) if "--" in text else ():
        if names_secret(flag[1]):
            yield from _checked(text, _TOKEN.match(text, flag.end()))


def _tokens(text: str) -> Iterator[re.Pattern[str]]:
    """The patterns of tokens that may be in a text; few texts hold a word of any."""
    for pattern, words in TOKENS.items():
        for word in words:
            if word in text:
                yield pattern
                break
    if len(text) >= _SHORTEST_UNMARKED:
        yield from _UNMARKED


def _after_keys(text: str) -> Iterator[Span]:
    for key in _KEY.finditer(text):
        if names_secret(key[0]):
            yield from _value(text, key.start(), key.end())


def _beside_names(text: str) -> Iterator[Span]:
    if "value" not in text:
        return
    for named in _NAMED.finditer(text):
        if names_secret(named[1]):
            yield from _value(text, named.end() - len("value"), named.end())
    for named in _VALUE_FIRST.finditer(text):
        if names_secret(named["name"]) and not _PLAIN.fullmatch(named["value"].strip("\"'")):
            yield named.span("value")


def _value(text: str, key_start: int, key_end: int) -> Iterator[Span]:
    """The value of the key that stands there: in quotes, in a block below it, or bare."""
    separator = _SEPARATOR.match(text, key_end)
    if separator is None:
        return
    before = text[text.rfind("\n", 0, key_start) + 1 : key_start]
    if listed := _LIST.match(text, separator.end()):
        if listed[1].strip():
            yield listed.span(1)
    elif items := _ITEMS.match(text, separator.end()):
        yield from ((items.start() + at.start(1), items.start() + at.end(1)) for at in _ITEM.finditer(items[0]))
    elif block := _BLOCK.match(text, separator.end()):
        yield _block(text, block.end(), len(before) - len(before.lstrip()))
    elif quoted := _QUOTED.match(text, separator.end()):
        yield from _checked(text, quoted, quoted.lastindex or 0)
        if quoted[0].count("${") > quoted[0].count("}"):  # its quotes are those of a text inside of the template
            yield quoted.end(), _end_of_line(text, quoted.end())
    else:
        if "=" in separator[0] and _COMPUTED.match(text, separator.end()):
            yield from _texts_of_expression(text, separator.end())
        extent = _REST_OF_LINE if not before.strip(" \t-\"'") else _TOKEN if "=" in separator[0] else _FLOW
        bare = extent.match(text, separator.end())
        if bare and not _EXPRESSION.fullmatch(separator[0].strip(" \t\"'") + bare[0]):
            yield from _checked(text, bare)


def _texts_of_expression(text: str, start: int) -> Iterator[Span]:
    """What stands in quotes in an expression, which ends with its line unless a bracket is open."""
    depth = 0
    for step in _STEP.finditer(text, start, start + _LONGEST_EXPRESSION):
        if step[1] is not None:
            yield from _checked(text, step, 1)
        else:
            depth += (step[0] in "([{") - (step[0] in ")]}")
        if depth < 0 or (not depth and step[0] == "\n"):
            return


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _checked(text: str, match: re.Match[str] | None, group: int = 0) -> Iterator[Span]:
    if match is not None and not _PLAIN.fullmatch(text, *match.span(group)):
        yield match.span(group)


def _block(text: str, start: int, indent: int) -> Span:
    """All lines from `start` that are indented deeper than their key, or blank."""
    end = start
    for line in text[start:].splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end += len(line)
    return start, len(text[:end].rstrip())
