"""Judges keys and values: which names speak of a secret, and which values are one in the clear.

A false alarm costs trust, so this is stricter than masking in reports: a name must speak of a secret and its value must
be a literal. References, templates, paths, names of other objects and blanks are none.
"""

from __future__ import annotations

from functools import lru_cache

import re2

from scanner.patterns import regex

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_LAST_WORDS = regex(
    r"(\w*)(passwords?|passwd|passphrase)|pwd|pass|secret|token|credentials?|apikey|secretkey|privatekey|accesstoken|"
    r"authtoken|clientsecret|bindpw"
)
_LAST_PAIRS = frozenset(
    {
        ("access", "key"), ("account", "key"), ("api", "key"), ("auth", "key"), ("connection", "string"),
        ("encryption", "key"), ("fernet", "key"), ("preshared", "key"), ("private", "key"), ("secret", "binary"),
        ("secret", "data"), ("secret", "key"), ("secret", "string"), ("secret", "value"), ("shared", "key"),
        ("signing", "key"), ("key", "data"),
    }
)  # fmt: skip
"""Two last words of keys that hold a secret."""

WRITE_ONLY = "wo"
"""Last word of the twin of an argument (`password_wo`) that Terraform passes on and does not keep."""

_HARMLESS_TOKENS = frozenset(
    {
        "eos", "bos", "pad", "unk", "mask", "sep", "cls", "image", "continuation", "next", "page", "stop", "special",
        "start", "end", "max", "min", "num", "new", "audience", "creation", "idempotency",
    }
)  # fmt: skip
"""`eos_token`, `next_token`, `creation_token`: tokens of text, of a list or of one request, no credentials."""

_SECRET_ACCESS_KEYS = frozenset({"secret", "storage", "account", "primary", "secondary"})
"""Words that make an `access_key` secret. AWS's is the public half of a pair."""

_NO_LITERAL = regex(
    r"""(?ixs) (?:
        | true | false | yes | no | on | off | null | none | nil | ~ | undefined | optional | required | str | string
        | \(.*\) | <.*> | \[.*\] | %[(]?.* | (.)\1* | x+-?x* | \.+ | \*+               # blanks to fill in
        | [\w.-]*\$[{(\w].* | .*\$\{.* | .*\{\{.* | @.*\(.*\)                          # templates
        | (?:>>)?(?:vault|secret|secrets|secretsmanager|ssm|kms|op|env|gcpsm|akv|sm|file|ref\+?[\w+]*|awskms):.*
        | arn:.* | projects/.* | /.* | \.{1,2}/.* | [\w./-]*\.(?:pem|key|crt|json|yaml|yml|txt|p12|jks|pfx)
        | https?://[^@]* | ENC[\[(].* | \$2[aby]\$.* | \{(?:SHA|SSHA|CRYPT)\d*\}.* | sha256:.* | AQICAH.*
        | (?:var|local|data|module|each|path|self|os|process|config|settings|random_\w+)\.[\w.\[\]"()-]+
        | (?:sk-)?(?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+)(?:@openssh\.com)?[ ]+AAAA.*  # the public half of a pair
        | -----BEGIN[ ](?:[A-Z0-9]+[ ])*(?:PUBLIC[ ]KEY|CERTIFICATE)-----.*
        | your[-_ ].* | .*(?:placeholder|redacted|replace[-_ ]?(?:me|with)).*
    )"""
)
"""What stands where a secret belongs, and is none."""

_OBJECT_NAME = regex(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_NAMES_OBJECT = regex(r".*(?:secrets?|tls|certs?|certificates?|credentials?|creds|keys?|tokens?|auth|config|password)")

_TOKENS = regex(
    r"""(?x)
      \b (?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16} \b                      # AWS access key
    | \b gh[pousr]_\w{36,} | \b github_pat_\w{60,}                               # GitHub
    | \b gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[\w-]{20,} | \b GR1348941[\w-]{20,}  # GitLab
    | \b xox[abeprs]-\d[A-Za-z0-9-]{10,}                                        # Slack
    | \b AIza[\w-]{35} \b                                                       # Google API key
    | \b hv[sbr]\.[\w-]{24,}                                                    # Vault
    | \b hf_[A-Za-z]{34} \b | \b [sr]k_live_[A-Za-z0-9]{20,} | \b npm_[A-Za-z0-9]{36} \b | \b nvapi-[\w-]{60,}
    | (?<![\w-]) eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}                               # signed JSON web token
    | [?&]sig=[A-Za-z0-9%+/_-]{40,}                                             # shared access signature of Azure
    | \b pypi-AgE[\w-]{70,} | \b SG\.[\w-]{22}\.[\w-]{43} \b                     # PyPI, SendGrid
    | \b sq0csp-[\w\\-]{43} | \b [0-9a-z]{32}-us\d{1,2} \b                        # Square, Mailchimp
    | (?<![\w:]) \d{8,10}:[\w-]{35} \b | \b [MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27} \b  # Telegram, Discord
    | AccountKey=[A-Za-z0-9+/]{86}==                                            # Azure storage
    | \b sk-[\w-]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}                        # OpenAI
    | \b hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}
    | -----BEGIN\ (?:[A-Z]+\ )*PRIVATE\ KEY(?:\ BLOCK)?-----\s*(?:\\n)?\s*[A-Za-z0-9+/=]{16}
    """
)
_BEGINNINGS = (
    r"PRIVATE KEY|eyJ|A3T|ABIA|ACCA|AKIA|ASIA|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|GR134|xox|AIza|hvs\.|hvb\.|hvr\.|hf_"
    r"|k_live_|npm_|nvapi-|[?&]sig=|hooks\.slack|pypi-A|SG\.|sq0csp|-us\d|\d:[\w-]{35}|[MNO][\w-]{23,25}\.[\w-]{6}\.|AccountKey="
    r"|T3Blbk"
)
"""One of these is in every token. Looking for them first is ten times faster than looking for tokens."""
_BEGINNING = regex(_BEGINNINGS)
_BEGINNING_IN_LONG = re2.compile(_BEGINNINGS.encode())
_LONG = 150
"""Characters from which on RE2, which looks at a text once, is faster: forty times at 4,000."""

_URL_PASSWORD = regex(r"://[^\s/:@\"'${<(]*:([^\s/@\"'${}<>()*]+)@[\w\[]")

_EXAMPLES = regex(r"EXAMPLE|(.)\1{7}")
"""AWS's documented example keys, and tokens of one repeated letter."""

_PAIR = regex(
    r"(?i)(?:^|[;&\s])(?:(?:\w{1,40}_)?password|pwd|accountkey|sharedaccesskey|sharedsecret)\s*=\s*([^;&\s\"']+)"
)
"""The secret part of a connection string such as `Server=db;Uid=app;Pwd=...`."""


_PASSWORDS = regex(r"(\w*)(password|passwd|passphrase)|pwd")
_AUTHORIZATION = regex(r"(?i)(?:basic|bearer|token)\s+([A-Za-z0-9+/_.=~-]{12,})")


def names_password(key: str) -> bool:
    """Whether a key's last word is a password."""
    words = [word.lower() for word in _WORD.findall(key)]
    return bool(words) and bool(_PASSWORDS.fullmatch(words[-1]))


def is_authorization(value: str) -> bool:
    """Whether it is a header that carries its credential along, as probes and routes send it.

    API Gateway writes constants of a mapping in quotes of their own.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
    """
    found = _AUTHORIZATION.fullmatch(value.strip().strip("'"))
    return found is not None and is_literal(found[1]) and not _EXAMPLES.search(found[1])


@lru_cache(maxsize=8192)
def names_secret(key: str) -> bool:
    """Whether a literal under this key would be a secret, judged by the key's last words."""
    words = [word.lower() for word in _WORD.findall(key)]
    while words and (words[-1].isdecimal() or words[-1] == WRITE_ONLY):
        words.pop()
    if not words or (words[-1] in {"token", "key"} and not _HARMLESS_TOKENS.isdisjoint(words)):
        return False
    if tuple(words[-2:]) == ("secret", "id"):
        return "vault" in words or "approle" in words or "role" in words
    if tuple(words[-2:]) == ("access", "key"):
        return not _SECRET_ACCESS_KEYS.isdisjoint(words)
    return bool(_LAST_WORDS.fullmatch(words[-1])) or tuple(words[-2:]) in _LAST_PAIRS


def is_literal(value: str) -> bool:
    """Whether a value under a secret's name is the secret itself, in the clear."""
    bare = value.strip()  # the pattern would look at a long run of blanks again and again
    return len(bare) > 1 and not _NO_LITERAL.fullmatch(bare)


def names_object(value: str) -> bool:
    """Whether a value reads like the name of a Kubernetes secret: `db-credentials`."""
    return "-" in value and bool(_OBJECT_NAME.fullmatch(value)) and bool(_NAMES_OBJECT.fullmatch(value))


def holds_token(text: str) -> bool:
    """Whether a text holds something of the shape of a credential, whatever its key."""
    if "://" in text and any(is_literal(match[1]) for match in _URL_PASSWORD.finditer(text)):
        return True
    if not (_begins_in_long(text) if len(text) > _LONG else _BEGINNING.search(text)):
        return False
    return any(not _EXAMPLES.search(match[0]) for match in _TOKENS.finditer(text))


def _begins_in_long(text: str) -> bool:
    # Bytes, because YAML may write half a surrogate pair, which RE2 refuses.
    return _BEGINNING_IN_LONG.search(text.encode("utf-8", "surrogatepass")) is not None


def is_connection_string(value: str) -> bool:
    """Whether a connection string carries its password along."""
    found = _PAIR.search(value) if "=" in value else None
    return found is not None and value.count("=") > 1 and is_literal(found[1])
