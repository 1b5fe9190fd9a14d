from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.sandbox.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine, as a gateway has one; it keeps no compiled code."""
    engine = Engine(None)
    yield engine
    engine.close()
