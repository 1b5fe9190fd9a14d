"""`python -m gateway.bench.detection [CORPUS…]`: how well the module pii-redactor finds what a labelled corpus holds.

For each entity: how much of it is found (recall), how much of what is found is right (precision); then each miss and
each false alarm. A labelled value counts as found where findings of its entity cover all of it: nothing of it would be
left in the text. A finding counts as right where it overlaps a value of its entity. `exact` is the share of right
findings that begin and end where the value does. The corpus is NDJSON as `tests/detection/generate.py` writes it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field
from rich.console import Console
from rich.table import Table

from gateway.flow import Batch, Limits, Step
from gateway.registry.store import ModuleStore
from gateway.sandbox.engine import Engine
from gateway.sandbox.kinds import program

_ROOT = Path(__file__).parent.parent.parent
MODULES = _ROOT / "modules"
CORPUS = _ROOT / "tests" / "detection" / "corpus.ndjson"
_MODULE = "pii-redactor"
_BATCH = 1000


class Span(Struct, frozen=True):
    """`text[start:end]`, in characters."""

    entity: str
    start: int
    end: int


class Labelled(Struct, frozen=True):
    text: str
    spans: tuple[Span, ...]


class Wrong(Struct, frozen=True):
    """A value that wasn't found, or a finding that isn't one."""

    span: Span
    text: str


class Score(Struct, kw_only=True):
    """Of one entity."""

    values: int = 0
    findings: int = 0
    right: int = 0
    exact: int = 0
    misses: list[Wrong] = field(default_factory=list)
    alarms: list[Wrong] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.findings if self.findings else 1.0

    @property
    def recall(self) -> float:
        return 1 - len(self.misses) / self.values if self.values else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read(paths: Iterable[Path]) -> list[Labelled]:
    """Raises OSError, and ValueError or KeyError for what isn't such a corpus."""
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [Labelled(row["text"], tuple(Span(**span) for span in row["spans"])) for row in rows]


def found(texts: list[str], configuration: Mapping[str, object], modules: Path = MODULES) -> list[tuple[Span, ...]]:
    """What pii-redactor finds in each text with a configuration, in a sandbox.

    Raises ModuleRefused, LoadError and GuestError.
    """
    store = ModuleStore(modules)
    locked = store.lock_entry(_MODULE)
    module = store.find(_MODULE, locked["version"], locked["sha256"], locked["manifest"])
    step = Step(
        module=_MODULE,
        version=module.manifest.version,
        sha256=module.sha256,
        config=json.dumps({**configuration, "write": "findings"}).encode(),
        counters=module.manifest.counters,
        refusals=module.manifest.refusals,
        limits=Limits(time=5_000),
    )
    engine = Engine(None)
    try:
        guest = program(engine, engine.compile(module.wasm), step, {}).guest()
        spans: list[tuple[Span, ...]] = []
        for at in range(0, len(texts), _BATCH):
            some = texts[at : at + _BATCH]
            output = guest.transform(Batch.of([json.dumps(text).encode() for text in some]))
            spans += [_spans(text, line) for text, line in zip(some, output.batch, strict=True)]
        return spans
    finally:
        engine.close()


def _spans(text: str, line: bytes) -> tuple[Span, ...]:
    """A list of findings, whose places count the bytes of UTF-8."""
    raw = text.encode()

    def characters(end: int) -> int:
        return len(raw[:end].decode())

    findings = json.loads(line)["findings"]
    return tuple(Span(hit["find"], characters(hit["start"]), characters(hit["end"])) for hit in findings)


def score(corpus: list[Labelled], findings: list[tuple[Span, ...]]) -> dict[str, Score]:
    """By entity, in the order of their names."""
    scores: dict[str, Score] = {}
    for labelled, hits in zip(corpus, findings, strict=True):
        for value in labelled.spans:
            mine = scores.setdefault(value.entity, Score())
            mine.values += 1
            covered = {at for hit in hits if hit.entity == value.entity for at in range(hit.start, hit.end)}
            if not covered.issuperset(range(value.start, value.end)):
                mine.misses.append(Wrong(value, labelled.text))
        for hit in hits:
            mine = scores.setdefault(hit.entity, Score())
            mine.findings += 1
            alike = [value for value in labelled.spans if value.entity == hit.entity]
            if any(value.start < hit.end and hit.start < value.end for value in alike):
                mine.right += 1
                mine.exact += hit in alike
            else:
                mine.alarms.append(Wrong(hit, labelled.text))
    return dict(sorted(scores.items()))


def measure(paths: Iterable[Path] = (CORPUS,), modules: Path = MODULES) -> dict[str, Score]:
    """All entities at the confidence that counts where nothing else is said."""
    corpus = read(paths)
    return score(corpus, found([labelled.text for labelled in corpus], {}, modules))


def print_scores(scores: Mapping[str, Score], texts: int, console: Console) -> None:
    table = Table("entity", "values", "findings", "precision", "recall", "F1", "exact", title=f"{texts} texts")
    for name, mine in scores.items():
        shares = (mine.precision, mine.recall, mine.f1, mine.exact / mine.right if mine.right else 1.0)
        table.add_row(name, str(mine.values), str(mine.findings), *(f"{share:.3f}" for share in shares))
    console.print(table)
    for title, kind in (("misses", "misses"), ("false alarms", "alarms")):
        wrongs = [wrong for mine in scores.values() for wrong in getattr(mine, kind)]
        console.print(f"\n{len(wrongs)} {title}")
        for wrong in wrongs:
            span = wrong.span
            shown = f"{wrong.text[: span.start]}⟦{wrong.text[span.start : span.end]}⟧{wrong.text[span.end :]}"
            console.print(f"  {span.entity:14} {shown!r}", markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Precision and recall of detection, by entity")
    parser.add_argument("corpus", nargs="*", type=Path, default=[CORPUS], help="NDJSON of labelled texts")
    paths = parser.parse_args().corpus
    print_scores(measure(paths), len(read(paths)), Console(width=150))


if __name__ == "__main__":
    main()
