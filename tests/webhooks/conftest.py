"""The examples, and what the gateway made of them: each signed as GitHub signs and posted to the real application."""

from __future__ import annotations

import json
import os

import httpx
import pytest
from examples import Example, examples
from lake import Lake, Passed

from tests.npm import Unavailable


@pytest.fixture(scope="session")
def payloads() -> list[Example]:
    """CI insists on the examples; a machine that can't get them says that it left them out."""
    try:
        return examples()
    except Unavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"GitHub's example webhooks are needed here: {error}")
        pytest.skip(f"left out, for want of GitHub's example webhooks: {error}")


@pytest.fixture(scope="session")
def answers(
    payloads: list[Example], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[httpx.Response], list[str]]:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    sent = lake.send(example.payload for example in payloads)
    return sent, lake.lines()


@pytest.fixture(scope="session")
def passed(payloads: list[Example], answers: tuple[list[httpx.Response], list[str]]) -> list[Passed]:
    """Those that were delivered, with what was delivered."""
    sent, lines = answers
    delivered = [example for example, answer in zip(payloads, sent, strict=True) if answer.status_code == 200]
    return [Passed(example, line, json.loads(line)) for example, line in zip(delivered, lines, strict=True)]
