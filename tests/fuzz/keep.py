"""Take inputs into the corpus: `python -m tests.fuzz.keep frame FILE_OR_FOLDER...`.

Of those in a folder the ones that reach what no smaller one does (which line after which, and about how often); a file
that is named in any case. Names begin as the SHA-256 of the content.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.targets import TARGETS, Target

CORPUS = Path(__file__).parent / "corpus"
NAME = 16  # hex digits
LARGEST = 16 << 10  # bytes of one input: what is larger is made in a test
_TRACED = (str(Path(__file__).parents[2] / "gateway"), str(Path(__file__).parent / "oracle.py"))


def name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:NAME]


def reached(target: Target, content: bytes) -> set[tuple[str, int, int, int]]:
    """File, a line, the line after it, and how often: once, 2–3 times, 4–7 times, more."""
    steps: Counter[tuple[str, int, int]] = Counter()

    def entered(frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        file, before = frame.f_code.co_filename, 0
        if not file.startswith(_TRACED):
            return None

        def stepped(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                steps[file, before, frame.f_lineno] += 1
                before = frame.f_lineno
            return stepped

        return stepped

    sys.settrace(entered)
    try:
        target(content)
    finally:
        sys.settrace(None)
    return {(*step, min(count.bit_length(), 4)) for step, count in steps.items()}


def main(of: str, *paths: str) -> None:
    target = TARGETS[of][0]
    folder = CORPUS / of
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[tuple[str, int, int, int]] = set()
    for path in sorted(folder.iterdir()):
        seen |= reached(target, path.read_bytes())
    for path in map(Path, paths):
        found = [path] if path.is_file() else sorted(path.iterdir(), key=lambda one: (one.stat().st_size, one.name))
        for one in found:
            content = one.read_bytes()
            if len(content) > LARGEST:
                continue
            new = reached(target, content) - seen
            seen |= new
            if new or one == path:
                (folder / name(content)).write_bytes(content)
    print(f"{of}: {len(list(folder.iterdir()))} inputs, {len(seen)} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
