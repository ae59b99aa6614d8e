"""The two files of a new policy, commented, to be edited. They are well-formed; their cases fail until that is done."""

from __future__ import annotations

from pathlib import Path

from scanner.errors import UsageError
from scanner.patterns import regex
from scanner.policy import files, packs, shipped
from scanner.report import write_file

_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SCHEMAS = "https://raw.githubusercontent.com/govscan/govscan/main/scanner"

_PACK = """\
# yaml-language-server: $schema={schemas}/policy/pack.schema.json
title: {family}
description: What the policies in this folder are for, in a sentence or two.
"""

_POLICY = """\
# yaml-language-server: $schema={schemas}/policy/schema.json
id: {id}                 # the name of this file; names the bad thing; never changes
title: "{words}"   # one line: what is wrong when this policy fails
severity: medium         # critical, high, medium, low or info
family: {family}         # what reports group by

# Which resources it is about. Types and what an expression may read: govscan inspect --vocabulary
match: {{types: [storage.bucket]}}

# Where this is false the verdict is not_applicable. Leave it out if the policy always applies.
when: facts.tags.taggable

# CEL, true for what complies. A value that is not known makes the verdict unknown by itself.
# Look at your own resources as an expression sees them: govscan inspect PATH
validations:
  - expression: resource.region in params.allowed
    message: "{{resource.name}} is in {{resource.region}}"   # what stands in braces is an expression, too

rationale: >-
  Why this matters: what happened, or would happen, to whom.
remediation: >-
  What to change, in the words of the tool that it is changed with.

# Each exists in a framework; see policies/frameworks/. An example: [nist-800-53-r5/CM-6]
controls: []

# Defaults that an organization overrides in govscan.yaml.
params:
  allowed: [the-region-you-allow]
"""

_TESTS = """\
# yaml-language-server: $schema={schemas}/trial.schema.json
# The cases are the documentation's examples. Try them with: govscan policy test {pack}
- name: what complies
  source: terraform_plan          # or kubernetes_manifest, gcp_assets, with `given` in their format
  given:
    resources:
      - address: google_storage_bucket.good
        values: {{name: good, location: EU, labels: {{team: platform}}}}
  expect: pass                    # fails until you have edited the policy, or this case
- name: what does not comply
  source: terraform_plan
  given:
    resources:
      - address: google_storage_bucket.bad
        values: {{name: bad, location: US, labels: {{team: platform}}}}
  expect: fail
  message: is what the policy should say    # part of the message
- name: what cannot be known before it is applied
  source: terraform_plan
  given:
    resources:
      - address: google_storage_bucket.later
        values: {{name: later, labels: {{team: platform}}}}
        unknown: [location]
  expect: unknown
"""


def _taken() -> dict[str, str]:
    """Names that no policy of one's own can have, and whose they are."""
    theirs = {path.stem: f"the pack {one.name} has it" for one in packs(shipped()) for path in files(one)}
    return {**theirs, "pack": "pack.yaml describes the folder"}


def write(policy_id: str, pack: Path) -> list[Path]:
    """Write the policy, its cases, and `pack.yaml` where there is none. Raises `UsageError` before it overwrites."""
    if not _ID.fullmatch(policy_id):
        raise UsageError(
            f"'{policy_id}' cannot be a policy's id.", "Write small letters and digits, in words joined by hyphens."
        )
    if policy_id in _taken():
        raise UsageError(f"'{policy_id}' is taken: {_taken()[policy_id]}.", "Choose another id.")
    both = [pack / f"{policy_id}.yaml", pack / f"{policy_id}.test.yaml"]
    taken = [path for path in both if path.exists()]
    if taken:
        raise UsageError(f"{taken[0]} is there already.", "Choose another id, or edit that file.")
    family = "".join(letter if letter.isalnum() else "-" for letter in pack.resolve().name.lower()).strip("-") or "ours"
    words = f"{policy_id.replace('-', ' ').capitalize()}: say what is wrong"
    values = {"schemas": _SCHEMAS, "id": policy_id, "words": words, "family": family, "pack": pack}
    about = pack / "pack.yaml"
    contents = dict(zip(both, (_POLICY, _TESTS), strict=True))
    if not about.exists():
        contents = {about: _PACK, **contents}
    for path, template in contents.items():
        write_file(path, template.format(**values).encode())
    return list(contents)
