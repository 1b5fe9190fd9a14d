"""docs/worked-examples.md, followed to the letter in each language and kind: what the gateway delivers is masked.

Every section called "Language (kind)" is an example; nothing else needs to be written for another one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.authoring.scaffold import TEMPLATES
from tests.building import ROOT

PAGE = (ROOT / "docs" / "worked-examples.md").read_text(encoding="utf-8")
CHOICE = "export LANGUAGE=rust KIND=maskgate/1 "
ADDRESS = "localhost:8080"
TERMINAL_ENDS = "maskgate serve\n"

_SECTION = re.compile(r"^## (.*)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
_EXAMPLE = re.compile(r"(\w+) \((.+)\)")
_FENCED = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    file: str  # in the module's folder; without one, sh is what is typed
    text: str


STEPS: list[list[Block]] = []  # of the way, section by section
EXAMPLES: dict[tuple[str, str], list[Block]] = {}  # by kind and language
for heading, content in _SECTION.findall(PAGE):
    blocks = [Block(*found) for found in _FENCED.findall(content)]
    example = _EXAMPLE.fullmatch(heading)
    if example is None:
        STEPS.append(blocks)
    else:
        EXAMPLES[example[2], example[1].lower()] = blocks


def typed(blocks: list[Block]) -> Iterator[str]:
    """What is typed into a terminal; a file is written there too."""
    for block in blocks:
        if block.file:
            yield f"cat > modules/hide-accounts/{block.file} <<'END OF FILE'\n{block.text}END OF FILE\n"
        elif block.language == "sh":
            yield block.text


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the page needs of a clone."""
    left_out = shutil.ignore_patterns("target", "__pycache__", "node_modules")
    for name in ("policies", "modules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=left_out)
    return tmp_path


@contextmanager
def terminal(commands: str, clone: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A shell, which is ended with all that it started. It stops at the first command that fails."""
    with (
        (clone / "said").open("a") as said,
        subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=clone,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("MASKGATE_")},
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "MASKGATE_PORT": str(port),
            },
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        ) as shell,
    ):
        try:
            yield shell
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


def served(shell: subprocess.Popen[str], port: int) -> bool:
    """Waits until the gateway answers that it is ready; False: the shell ended before."""
    while shell.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return True
        time.sleep(0.1)
    return False


def documents(text: str) -> Iterator[Any]:
    """JSON values, one behind the other."""
    while text := text.strip():
        value, end = json.JSONDecoder().raw_decode(text)
        yield value
        text = text[end:]


def test_there_is_an_example_of_each_language_and_kind() -> None:
    assert EXAMPLES.keys() == {(kind, one) for kind, many in TEMPLATES.items() for one in many}


@pytest.mark.parametrize(("kind", "language"), EXAMPLES, ids=map("-".join, EXAMPLES))
def test_a_running_gateway_delivers_what_the_module_has_masked(clone: Path, kind: str, language: str) -> None:
    begin, *others = STEPS
    way = [block for blocks in (begin, EXAMPLES[kind, language], *others) for block in blocks]
    serving = next(place for place, block in enumerate(way) if block.text == TERMINAL_ENDS)
    port = free_port()
    first, second = "".join(typed(way[: serving + 1])), "".join(typed(way[serving + 1 :]))
    assert (first.count(CHOICE), second.count(ADDRESS)) == (1, 1)
    first = first.replace(CHOICE, f"export LANGUAGE={language} KIND={kind} ")
    with terminal(first, clone, port) as gateway:
        assert served(gateway, port), (clone / "said").read_text(encoding="utf-8")
        with terminal(second.replace(ADDRESS, f"127.0.0.1:{port}"), clone, port) as other:
            shown, _ = other.communicate()
            assert other.returncode == 0, (clone / "said").read_text(encoding="utf-8")

    answer, delivered, listed = documents(shown)
    assert (answer["delivered"], answer["refused"]) == (1, 0)
    (promised,) = (block.text for block in way if block.language == "json")
    assert delivered == json.loads(promised)
    assert "482913" not in shown
    (decision,) = listed["decisions"]
    assert (decision["id"], decision["policies"]) == (answer["id"], ["billing-publishes-its-log"])
    step = decision["plans"][0]["steps"][0]
    digest = hashlib.sha256((clone / "modules/hide-accounts/hide-accounts.wasm").read_bytes()).hexdigest()
    assert (step["module"], step["version"], step["sha256"]) == ("hide-accounts", "0.1.0", digest)
    assert "denied" not in step
