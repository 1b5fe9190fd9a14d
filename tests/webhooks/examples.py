"""The example payloads of the npm package @octokit/webhooks-examples: fetched when testing, never committed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from tests.npm import Unavailable, fetch

PACKAGE = "@octokit/webhooks-examples"
VERSION = "7.6.1"
# Of the tarball, base64.
SHA512 = "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ=="
VARIABLE = "MASKGATE_WEBHOOKS"


class Example(NamedTuple):
    name: str  # server/event/number
    event: str
    payload: dict[str, Any]


def examples() -> list[Example]:
    """Every payload: of an index.json, or all under a folder, that MASKGATE_WEBHOOKS names; else of the package.

    Raises Unavailable.
    """
    given = os.environ.get(VARIABLE)
    if given:
        path = Path(given)
        files = [path] if path.is_file() else sorted(path.glob("**/index.json"))
        if not files:
            raise Unavailable(f"{VARIABLE} is {given}, where there is no index.json")
    else:
        files = sorted(fetch(PACKAGE, VERSION, SHA512).glob("**/index.json"))
    return [example for file in files for example in _read(file)]


def _read(file: Path) -> list[Example]:
    return [
        Example(f"{file.parent.name}/{event['name']}/{number}", event["name"], payload)
        for event in json.loads(file.read_text("utf-8"))
        for number, payload in enumerate(event["examples"])
    ]
