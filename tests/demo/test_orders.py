from __future__ import annotations

import csv
import io
import json

from gateway.demo import orders


def test_the_same_seed_gives_the_same_orders() -> None:
    assert list(orders.orders(50, seed=7)) == list(orders.orders(50, seed=7))
    assert list(orders.orders(50, seed=7)) != list(orders.orders(50, seed=8))
    assert list(orders.sales(50, seed=7)) == list(orders.sales(50, seed=7))


def test_cards_have_a_right_check_digit() -> None:
    for order in orders.orders(200):
        digits = [int(digit) for digit in order["payment"]["card"]]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def test_ndjson_holds_the_orders_escaped_or_not() -> None:
    made = list(orders.orders(200))
    lines = orders.ndjson(made).splitlines()  # of bytes: U+2028 doesn't end a line
    assert [json.loads(line) for line in lines] == made
    assert any(b"\\u" in line and line.isascii() for line in lines)
    assert any(not line.isascii() for line in lines)


def test_notes_are_in_several_scripts_and_mention_people() -> None:
    made = list(orders.orders(400))
    notes = "".join(order["note"] for order in made)
    for script in ("ß", "だ", "क", "أ", "τ", "🎁"):
        assert script in notes
    assert any(order["customer"]["email"] in order["note"] for order in made)
    assert any(order["customer"]["phone"] in order["shipping"]["instructions"] for order in made)


def test_csv_reads_as_it_was_written() -> None:
    made = list(orders.sales(400))
    text = orders.as_csv(made).decode()
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == made
    assert any('"' in sale["remark"] for sale in made)
    assert any("\n" in sale["remark"] for sale in made)
    assert any("," in sale["customer"] for sale in made)
