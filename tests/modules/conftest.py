"""Every module, opened once for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import Opened

from gateway.authoring.workbench import Workbench


@pytest.fixture(scope="session")
def modules() -> Iterator[Opened]:
    workbench = Workbench()
    yield Opened(workbench)
    workbench.close()
