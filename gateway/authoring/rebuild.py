"""Whether a module's source gives its .wasm, byte for byte: built in a copy where no .wasm is."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from gateway.authoring import build
from gateway.registry.published import Published

_NOT_COPIED = shutil.ignore_patterns("*.wasm", "target", "__pycache__", ".*", "node_modules")


class NotRebuilt(Exception):
    """There is no source, or it doesn't build. The text says what was said."""


def same(folder: Path, found: Published, sdk: Path) -> bool:
    """Whether the source in `folder` builds to `found`. Its author's build script is run. Raises NotRebuilt.

    `sdk` is copied along where it stands beside the folder, since what is built there must not be read either.
    """
    if not (folder / "build").is_file():
        raise NotRebuilt(
            f"{folder} has no source with a build script: an installed version can't be rebuilt from itself"
        )
    home = folder.parent
    with tempfile.TemporaryDirectory(prefix="rebuild-") as name:
        copy = Path(name).resolve() / home.name
        if sdk.is_relative_to(home.resolve()):
            shutil.copytree(home, copy, ignore=_NOT_COPIED, symlinks=True)
            sdk = copy / sdk.relative_to(home.resolve())
        else:
            shutil.copytree(folder, copy / folder.name, ignore=_NOT_COPIED, symlinks=True)
        try:
            built = build.build(copy / folder.name, sdk)
        except build.NotBuilt as error:
            raise NotRebuilt(str(error)) from None
        return built.wasm.read_bytes() == found.wasm
