"""Three gateways for all hostile guests: two serve those that can be loaded, one is to load those that can't be."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import wasmtime
from wasmtime import component

from gateway.sandbox import compile
from gateway.sandbox.compiler import is_component
from gateway.sandbox.engine import Engine
from tests.building import COMPILED
from tests.conftest import Client, serving
from tests.hostile.guests import GUESTS, SERVED
from tests.hostile.served import HostilePlace, Left

_COMPILE_TIME, _COMPILE_MEMORY = 5, 1 << 30  # less than the gateway's own, since somebody waits for these tests


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with NAME.wasm of every guest.

    What can be compiled is in the cache already: the gateway's compiler is a process of its own for each module, which
    for 240 small ones takes most of a minute. Those that it has to be kept away from go through it.
    """
    folder = tmp_path_factory.mktemp("binaries")
    engine = Engine(Path(COMPILED.name))

    def here(wasm: bytes, *, traces: bool = False) -> bytes:
        kind = component.Component if is_component(wasm) else wasmtime.Module
        return bytes(kind(engine.wasmtime, bytearray(wasm)).serialize())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("gateway.sandbox.engine.machine_code", here)
        for name, guest in GUESTS.items():
            wasm = guest.wasm()
            (folder / f"{name}.wasm").write_bytes(wasm)
            if guest.compiles:
                engine.compile(wasm)
    engine.close()
    return folder


@pytest.fixture(scope="session")
def hasty_compiler() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compile, "TIME_LIMIT", _COMPILE_TIME)
        patched.setattr(compile, "MEMORY_LIMIT", _COMPILE_MEMORY)
        yield


@asynccontextmanager
async def _serving(place: HostilePlace) -> AsyncIterator[Client]:
    async with serving(place, breaker_failures=1000) as client:
        yield client
    shutil.rmtree(place.folder)


@pytest.fixture(scope="session")
async def gateway(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """It serves a good producer, and every guest that can be loaded on a producer of its own."""
    place = HostilePlace(tmp_path_factory.mktemp("hostile"), binaries)
    place.add(*SERVED.values())
    async with _serving(place) as client:
        yield client


@pytest.fixture(scope="session")
async def keeping(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """It serves the same, and keeps their instances: so they run in its event loop, as long as they are quick."""
    place = HostilePlace(tmp_path_factory.mktemp("keeping"), binaries)
    place.add(*SERVED.values(), kept=True)
    async with _serving(place) as client:
        yield client


@pytest.fixture(scope="session")
async def reloading(
    binaries: Path, hasty_compiler: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    """It serves a good producer; guests that can't be loaded are tried on it, one after the other."""
    async with _serving(HostilePlace(tmp_path_factory.mktemp("reloading"), binaries)) as client:
        yield client


@pytest.fixture(scope="session")
async def at_first(gateway: Client, keeping: Client, reloading: Client) -> Left:
    """What the process has when all gateways serve and nobody has called yet."""
    return Left.now()
