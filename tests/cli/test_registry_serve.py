"""`maskgate registry serve`, as a process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from tests.building import ROOT
from tests.test_process import free_port


def test_a_folder_is_served_until_told_to_stop(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"modules": []}')
    port = free_port()
    command = [sys.executable, "-m", "gateway.cli", "registry", "serve", "--registry", str(tmp_path)]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            assert process.poll() is None
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/index.json")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        assert answer.json() == {"modules": []}
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("options", [[], ["--registry", "/nowhere"], ["--registry", ".", "--port", "70000"]])
def test_a_folder_that_isnt_there_is_refused(options: list[str]) -> None:
    assert CliRunner().invoke(app, ["registry", "serve", *options]).exit_code == 2
