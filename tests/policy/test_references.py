from __future__ import annotations

from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy import load
from tests.policy.conftest import Edit


def findings(folder: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load.read(folder)
    return [str(finding) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "streams/events.yaml", "pii.email", "pii.emial",
            "streams/events.yaml:3:14: unknown class 'pii.emial' (did you mean 'pii.email'?)",
        ),
        (
            "destinations/analytics.yaml", "{pii: drop}", "{pia: drop}",
            "destinations/analytics.yaml:3:14: unknown class 'pia' (did you mean 'pii'?)",
        ),
        (
            "streams/events.yaml", "[crm]", "[crm, archive]",
            "streams/events.yaml:5:21: unknown destination 'archive'",
        ),
        (
            "producers/partner.yaml", "  orders: {accept", "  order: {accept",
            "producers/partner.yaml:7:3: unknown stream 'order' (did you mean 'orders'?)",
        ),
        (
            "producers/shop.yaml", "module: csv-to-json", "module: csv2json",
            "producers/shop.yaml:10:18: module 'csv2json' is not in modules.lock (did you mean 'csv-to-json'?)",
        ),
        (
            "classes.yaml", "  pci: {}\n", "",
            "classes.yaml:6:3: class pci.pan has no parent: pci is not declared",
        ),
        (
            "streams/orders.yaml", "  /card: pci.pan", "  /card: pci.pan\n  /ca~72rd: public",
            "streams/orders.yaml:7:3: must be a path as RFC 6901 writes it, with '*' for any one step and '**' for any "
            "number; '~' is written ~0, '/' ~1 and a literal '*' ~2",
        ),
        (
            "streams/orders.yaml", "  /card: pci.pan", "  /a~2b: pci.pan\n  /a*b: public",
            "streams/orders.yaml:7:3: the same path as '/a~2b', written differently",
        ),
        (
            "streams/orders.yaml", "body: 1MiB", "body: 2GiB",
            "streams/orders.yaml:8:47: must be from 1 to 1073741824 bytes",
        ),
        (
            "destinations/crm.yaml", "X-Source: maskgate", "authorization: me",
            "destinations/crm.yaml:5:12: a header is there twice: case makes no difference",
        ),
    ],
)  # fmt: skip
def test_a_name_that_nothing_declares_has_its_place(
    folder: Path, edit: Edit, file: str, old: str, new: str, expected: str
) -> None:
    edit(file, old, new)
    assert expected in findings(folder)


def test_two_destinations_cannot_share_a_file(folder: Path, edit: Edit) -> None:
    edit("destinations/other.yaml", "destination: other\nsink: {kind: file, path: analytics}\n")
    assert findings(folder) == ["destinations/other.yaml:2:26: destination analytics has the same path"]


def test_a_file_that_cannot_be_read_declares_what_it_is_called(folder: Path, edit: Edit) -> None:
    """One fault, one finding: nobody is told that the stream doesn't exist."""
    edit("streams/orders.yaml", "stream: [")
    assert [message.split(":")[0] for message in findings(folder)] == ["streams/orders.yaml"]


def test_broken_classes_are_one_finding(folder: Path, edit: Edit) -> None:
    edit("classes.yaml", "classes: 5")
    assert findings(folder) == ["classes.yaml:1:10: must be a mapping"]
