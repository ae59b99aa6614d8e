"""JSON trees into bytes, for the formats that are JSON underneath."""

from __future__ import annotations

import json
from typing import Any

import orjson

_LAYOUT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS


def dump(tree: Any) -> bytes:
    """UTF-8, indented by two, keys in the order given. A lone surrogate, which UTF-8 has no form for, becomes `?`."""
    try:
        return orjson.dumps(tree, option=_LAYOUT)
    except orjson.JSONEncodeError:
        text = json.dumps(tree, ensure_ascii=False, default=str)
        return orjson.dumps(json.loads(text.encode("utf-8", "replace")), option=_LAYOUT)
