"""Runs a module's `build`, with the toolchains that modules/toolchain/install has put in place."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gateway.documents.finding import PolicyError
from gateway.registry import manifest


class NotBuilt(Exception):
    """The build failed. The text is what it said."""


class Built(Struct, frozen=True):
    wasm: Path
    size: int  # bytes
    sha256: str  # lowercase hex


def build(folder: Path, sdk: Path, *, debug: bool = False) -> Built:
    """What the folder's `build` has made (`debug`: NAME.debug.wasm, for traps with file and line). Raises NotBuilt."""
    try:
        name = manifest.read(folder / "manifest.yaml").module
    except (OSError, PolicyError) as error:
        raise NotBuilt(str(error)) from None
    script = folder / "build"
    if not script.is_file():
        raise NotBuilt(f"{script} is not there: an executable that writes {name}.wasm")
    try:
        run = subprocess.run(  # noqa: S603 the author's own script
            [script.resolve()],
            cwd=folder,
            env=environment(sdk) | ({"DEBUG": "1"} if debug else {}),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise NotBuilt(f"{script}: {error.strerror}") from None
    if run.returncode != 0:
        raise NotBuilt((run.stdout + run.stderr).strip() or f"{script} ended with {run.returncode}")
    wasm = folder / f"{name}{'.debug' if debug else ''}.wasm"
    if not wasm.is_file():
        raise NotBuilt(f"{script} made no {wasm.name}")
    content = wasm.read_bytes()
    return Built(wasm, len(content), hashlib.sha256(content).hexdigest())


def environment(sdk: Path) -> dict[str, str]:
    """Ours, with MASKGATE_SDK, and unless it is set, PYTHON: the interpreter that has the pinned ziglang."""
    found = {}
    versions = sdk.parent / "toolchain" / "versions"
    if versions.is_file():
        pinned = _pinned(versions)
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maskgate" / "toolchain"
        python = cache / f"ziglang-{pinned.get('ZIGLANG', '')}" / "bin" / "python"
        if python.exists():
            found["PYTHON"] = str(python)
    return found | os.environ | {"MASKGATE_SDK": str(sdk)}


def _pinned(versions: Path) -> Mapping[str, str]:
    lines = versions.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
