"""Every input of the corpus, through its target, with no fuzzer: what was found once stays mended."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.keep import CORPUS, LARGEST, name
from tests.fuzz.targets import TARGETS


def inputs(target: str) -> list[Path]:
    found = sorted((CORPUS / target).iterdir())
    assert found
    return found


def test_the_corpus_is_small_and_each_input_has_its_name() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    files = [path for target in TARGETS for path in inputs(target)]
    assert [path.name for path in files] == [name(path.read_bytes()) for path in files]
    sizes = [path.stat().st_size for path in files]
    assert max(sizes) <= LARGEST
    assert sum(sizes) < 1 << 20


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_breaks_no_promise(target: str) -> None:
    for path in inputs(target):
        try:
            TARGETS[target][0](path.read_bytes())
        except Exception as error:
            raise AssertionError(f"corpus/{target}/{path.name}") from error


@pytest.mark.parametrize("target", TARGETS)
def test_nor_does_what_comes_of_it_by_a_step(target: str) -> None:
    """A few thousand mutations, the same in every run."""
    check, mutate = TARGETS[target]
    chance = random.Random(4)
    for path in inputs(target):
        for _ in range(10):
            check(mutate(path.read_bytes(), chance))
