"""Detection measured on the labelled corpus: floors for each entity, so that no change makes it worse unseen.

`python -m gateway.bench.detection` prints the figures with every miss and false alarm.
"""

from collections import Counter
from pathlib import Path

import pytest

from gateway.bench import detection
from gateway.bench.detection import Labelled, Span

# Precision and recall, each a little below what was seen when it was written.
FLOORS = {
    "card": (0.98, 0.98),
    "date_of_birth": (0.93, 0.95),
    "de_social": (0.98, 0.98),
    "de_tax_id": (0.98, 0.98),
    "email": (0.98, 0.96),
    "fr_nir": (0.98, 0.98),
    "fr_tax": (0.98, 0.97),
    "gb_nhs": (0.95, 0.95),
    "gb_nino": (0.98, 0.98),
    "iban": (0.98, 0.98),
    "ipv4": (0.98, 0.94),
    "ipv6": (0.98, 0.98),
    "mac": (0.98, 0.98),
    "secret": (0.98, 0.91),
    "telephone": (0.97, 0.95),
    "url": (0.98, 0.98),
    "us_ssn": (0.98, 0.97),
}


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return detection.read([detection.CORPUS])


@pytest.fixture(scope="module")
def scores() -> dict[str, detection.Score]:
    return detection.measure()


def test_the_corpus_has_enough_of_everything(corpus: list[Labelled]) -> None:
    values = Counter(span.entity for labelled in corpus for span in labelled.spans)
    assert len(corpus) >= 3500
    assert values.keys() == FLOORS.keys()
    assert min(values.values()) >= 60
    assert sum(not labelled.spans for labelled in corpus) >= 1200


@pytest.mark.parametrize("entity", FLOORS)
def test_precision_and_recall_have_floors(scores: dict[str, detection.Score], entity: str) -> None:
    precision, recall = FLOORS[entity]
    assert scores[entity].precision >= precision
    assert scores[entity].recall >= recall


def test_nothing_is_found_in_most_texts_that_hold_nothing(
    corpus: list[Labelled], scores: dict[str, detection.Score]
) -> None:
    empty = {labelled.text for labelled in corpus if not labelled.spans}
    disturbed = {wrong.text for score in scores.values() for wrong in score.alarms} & empty
    assert len(disturbed) <= 0.03 * len(empty)


def test_places_count_characters() -> None:
    (spans,) = detection.found(["é😀 jane@example.org"], {})
    assert spans == (Span("email", 3, 19),)


def test_a_value_counts_as_found_where_all_of_it_is_covered_and_a_finding_as_right_where_it_overlaps() -> None:
    corpus = [Labelled("abcdef", (Span("x", 0, 2), Span("x", 3, 6))), Labelled("abc", ())]
    findings = [(Span("x", 0, 1), Span("x", 1, 2), Span("x", 4, 6)), (Span("x", 0, 1), Span("y", 1, 2))]
    x, y = detection.score(corpus, findings).values()
    assert (x.values, x.findings, x.right, x.exact) == (2, 4, 3, 0)
    assert (x.precision, x.recall) == (0.75, 0.5)
    assert x.f1 == pytest.approx(0.6)
    assert [wrong.span for wrong in x.misses] == [Span("x", 3, 6)]
    assert [wrong.text for wrong in x.alarms] == ["abc"]
    assert (y.precision, y.recall, y.f1) == (0.0, 1.0, 0.0)


def test_the_command_prints_a_line_for_each_miss_and_each_false_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        '{"text": "mail jane@example.org", "spans": [{"entity": "email", "start": 5, "end": 21}]}',
        '{"text": "x jane at example dot org", "spans": [{"entity": "email", "start": 2, "end": 25}]}',
        '{"text": "card 4111 1111 1111 1111", "spans": []}',
    ]
    (tmp_path / "corpus.ndjson").write_text("\n".join(lines))
    monkeypatch.setattr("sys.argv", ["detection", str(tmp_path / "corpus.ndjson")])
    detection.main()
    printed = capsys.readouterr().out
    assert "1 misses" in printed
    assert "'x ⟦jane at example dot org⟧'" in printed
    assert "1 false alarms" in printed
    assert "'card ⟦4111 1111 1111 1111⟧'" in printed
