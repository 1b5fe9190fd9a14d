"""Writes the labelled corpus beside it, `corpus.ndjson`: `python tests/detection/generate.py`, the same each time.

One text a line, with what is to be found in it: `{"text", "language", "spans": [{"entity", "start", "end"}…]}`, places
in characters. Nothing here is the detector's: check digits are computed in `numbers_of.py`, telephone numbers are drawn
until the library phonenumbers calls them valid in their country and are formatted by it, addresses, accounts and
networks come from Faker. Needs `faker` and `phonenumbers`; the tests read the file that is committed.
"""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from decoys import DECOYS, PLAIN
from sentences import SENTENCES
from values import MAKERS
from writings import WRITINGS

SEED = 20261123
A_SENTENCE = 7  # texts of each sentence of an entity
DECOYED = 12  # texts of each sentence with a decoy
CORPUS = Path(__file__).parent / "corpus.ndjson"


def fill(sentence: str, make: Callable[[str], str]) -> tuple[str, list[dict[str, object]]]:
    """A sentence with each `{entity}`, `{entity:form}` or `{entity|writing}` replaced, and where the values stand."""
    text, spans, at = "", [], 0
    for match in re.finditer(r"\{([a-z0-9_]+(?::[a-z_]+)?(?:\|[a-z_]+)?)\}", sentence):
        text += sentence[at : match.start()]
        at = match.end()
        value = make(match[1])
        entity = re.split("[:|]", match[1])[0]
        # What is confidential may be a part of what is written: «…» marks it.
        whole = re.split("[«»]", value)
        text += whole[0]
        for number, part in enumerate(whole[1:]):
            if number % 2 == 0 and entity in MAKERS:
                spans.append({"entity": entity, "start": len(text), "end": len(text) + len(part)})
            text += part
    return text + sentence[at:], spans


def main() -> None:
    chance = random.Random(SEED)
    lines = []

    def make(place: str) -> str:
        place, _, writing = place.partition("|")
        name, _, form = place.partition(":")
        if name not in MAKERS:
            return DECOYS[name](chance)
        value = MAKERS[name](chance, form)
        if writing:
            value = WRITINGS[writing](value)
        return value if "«" in value else f"«{value}»"

    for language, sentences in SENTENCES.items():
        for sentence in sentences:
            lines += [(language, *fill(sentence, make)) for _ in range(A_SENTENCE)]
    for language, sentences in PLAIN.items():
        for sentence in sentences:
            times = DECOYED if "{" in sentence else 1
            lines += [(language, *fill(sentence, make)) for _ in range(times)]
    chance.shuffle(lines)
    with CORPUS.open("w", encoding="utf-8") as file:
        for language, text, spans in lines:
            row = {"text": text, "language": language, "spans": spans}
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{len(lines)} texts, {sum(len(spans) for *_, spans in lines)} labelled spans")


if __name__ == "__main__":
    main()
