"""What tests need a process of its own for: to kill it, and to take its disk away."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue

from gateway.delivery.file import FileSink, FileTarget
from gateway.flow import Batch, Delivery, Receipt


def program(name: str, folder: Path) -> subprocess.Popen[str]:
    """One of these programs, as a process of its own; one line a step on its standard output."""
    command = [sys.executable, "-m", "tests.delivery.programs", name, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent.parent)


def one(text: str) -> Delivery:
    return Delivery(decision="d", destination="crm", batch=Batch.of([text.encode()]))


def confirm(folder: Path) -> None:
    """Deliver without end, a few at a time, and say each line that is confirmed. Files are small."""
    sink = FileSink(FileTarget(folder=folder, size=50_000), "crm")
    slots = threading.Semaphore(16)

    def deliver(line: str) -> None:
        def done(receipts: list[Receipt]) -> None:
            print(line if receipts[0].delivered else "failed", flush=True)
            slots.release()

        sink.put([one(f"{line}\n")], done)

    number = 0
    while True:
        slots.acquire()
        deliver(f"{number} {'x' * (number * 37 % 3000)}.")
        number += 1


def full(folder: Path) -> None:
    """A disk that is full for a while, in the midst of a write: says the receipts before, meanwhile and after."""
    sink = FileSink(FileTarget(folder=folder), "crm")
    told: SimpleQueue[list[Receipt]] = SimpleQueue()

    def deliver(*texts: str) -> None:
        sink.put([one(text) for text in texts], told.put)
        for receipt in told.get():
            print(receipt.delivered, receipt.error, flush=True)

    deliver("first\n" * 100)
    [file] = folder.iterdir()
    size, no_limit = file.stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 700, no_limit[1]))
    deliver("short enough\n" * 50, "too long\n" * 50)
    print(file.stat().st_size - size, "bytes more", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, no_limit)
    deliver("last\n")
    sink.close()


PROGRAMS: Mapping[str, Callable[[Path], None]] = {"confirm": confirm, "full": full}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]))
