"""Fuzz one target with Atheris (libFuzzer): `python -m tests.fuzz.run frame CORPUS... -max_total_time=1800`.

Atheris is in the extra `fuzz`. What stands behind the target's name goes to libFuzzer: new inputs go
to the first folder.
"""

from __future__ import annotations

import random
import sys

import atheris

with atheris.instrument_imports(include=["gateway", "tests.fuzz"]):
    from tests.fuzz.targets import TARGETS

BLIND = 0.3  # how often libFuzzer's own mutations are used, which know nothing of the format


def main(arguments: list[str]) -> None:
    target, mutate = TARGETS[arguments.pop(1)]

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < BLIND:
            return bytes(atheris.Mutate(data, len(data)))
        return mutate(data, chance)[:most]

    atheris.Setup(arguments, target, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
