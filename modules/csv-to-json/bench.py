"""Documents of a hundred shop orders each, beside csv.DictReader and orjson."""

import csv
import io
import random

import orjson

CONFIGURATION = {"types": {"total": "number", "paid": "boolean"}}
PEER = "csv + orjson"
ROWS = 100


def messages() -> list[bytes]:
    chance = random.Random(1)
    return [_document(chance).encode() for _ in range(50)]


def _document(chance: random.Random) -> str:
    """Short fields, some quoted, a free text with quotes and line ends now and then."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["order", "name", "email", "street", "city", "total", "paid", "note"])
    notes = ["", "", "ring twice", 'she said "later"', "second floor, left", "leave it at\nthe neighbour's"]
    for row in range(ROWS):
        name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zoë Quintana", "Søren Østergård", "Alan Turing"])
        street = f"{chance.randint(1, 99)} Long Road"
        total, paid = f"{chance.uniform(1, 999):.2f}", chance.choice(["true", "false"])
        mail = f"{name.split()[0].lower()}{row}@mail.example"
        writer.writerow([f"W-{row}", name, mail, street, "Göteborg", total, paid, chance.choice(notes)])
    return out.getvalue()


def peer(messages: list[bytes]) -> list[bytes]:
    done = []
    for message in messages:
        for row in csv.DictReader(io.StringIO(message.decode(), newline="")):
            done.append(orjson.dumps(row | {"total": float(row["total"]), "paid": row["paid"] == "true"}))
    return done
