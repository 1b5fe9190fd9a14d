"""`make demo ONCE=1`, as who clones the repository runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_shows_before_after_and_why_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.demo", "--once"], cwd=ROOT, capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for part in ("the producer sent", "analytics got", "crm got", "lake got", "its decision", "crm-sees-email", "MB/s"):
        assert part in done.stdout
    assert done.stdout.count("✓") >= 5
    assert "✗" not in done.stdout
