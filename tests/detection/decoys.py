"""What only looks like something to find, and sentences that hold it or nothing at all."""

import random
import string
import uuid
from collections.abc import Callable


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def _first(chance: random.Random, count: int) -> str:
    return chance.choice("123456789") + _digits(chance, count - 1)


def _hex(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789abcdef", k=count))


def _isbn13(chance: random.Random) -> str:
    body = "978" + _digits(chance, 9)
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
    number = body + str(check)
    return chance.choice([number, f"{number[:3]}-{number[3]}-{number[4:6]}-{number[6:12]}-{number[12]}"])


def _isbn10(chance: random.Random) -> str:
    body = _digits(chance, 9)
    check = -sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
    last = "X" if check == 10 else str(check)
    return f"{body[0]}-{body[1:4]}-{body[4:9]}-{last}"


def _date(chance: random.Random) -> str:
    year, month, day = chance.randrange(2015, 2027), chance.randrange(1, 13), chance.randrange(1, 29)
    return chance.choice(
        [
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}.{month:02d}.{year}",
            f"{month}/{day}/{year}",
            f"{day:02d}/{month:02d}/{year}",
            f"{year}{month:02d}{day:02d}",
            f"{year}/{month:02d}/{day:02d}",
        ]
    )


def _time(chance: random.Random) -> str:
    return f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"


def _price(chance: random.Random) -> str:
    whole, cents = chance.randrange(1, 9_999_999), chance.randrange(100)
    return chance.choice(
        [
            f"€{whole:,}.{cents:02d}",
            f"${whole:,}.{cents:02d}",
            f"{whole:,}".replace(",", ".") + f",{cents:02d} €",
            f"{whole}.{cents:02d} USD",
            f"{whole:,}".replace(",", " ") + " EUR",
            f"£{whole}",
        ]
    )


def _not_luhn(chance: random.Random) -> str:
    while True:
        number = chance.choice("456") + _digits(chance, 15)
        total = sum(sum(map(int, str(int(d) * (2 if i % 2 else 1)))) for i, d in enumerate(reversed(number)))
        if total % 10:
            return chance.choice([number, " ".join(number[i : i + 4] for i in range(0, 16, 4))])


def _version(chance: random.Random) -> str:
    parts = [str(chance.randrange(40)) for _ in range(chance.choice([3, 3, 3, 4]))]
    return (
        chance.choice(["v", "v", ""])
        + ".".join(parts[:3])
        + (f".{parts[3]}" if len(parts) > 3 else "")
        + chance.choice(["", "", "-rc.1", "-beta"])
    )


DECOYS: dict[str, Callable[[random.Random], str]] = {
    "order": lambda c: c.choice(
        [
            _first(c, 8),
            _first(c, 10),
            _first(c, 12),
            f"{_first(c, 3)}-{_digits(c, 7)}-{_digits(c, 7)}",
            "0" + _digits(c, 9),
        ]
    ),
    "code": lambda c: (
        f"{''.join(c.choices(string.ascii_uppercase, k=c.choice([2, 3])))}-{_digits(c, c.choice([5, 6, 9]))}"
    ),
    "millis": lambda c: str(c.randrange(1_500_000_000_000, 1_800_000_000_000)),
    "epoch": lambda c: str(c.randrange(1_500_000_000, 1_800_000_000)),
    "uuid": lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4)),
    "sha": lambda c: _hex(c, c.choice([7, 12, 32, 40, 64])),
    "isbn": lambda c: c.choice([_isbn13, _isbn10])(c),
    "date": _date,
    "time": _time,
    "price": _price,
    "version": _version,
    "tracking": lambda c: c.choice(
        [
            "1Z" + "".join(c.choices(string.ascii_uppercase + string.digits, k=16)),
            "00340434" + _digits(c, 12),
            _first(c, 22),
            "JD" + _digits(c, 18),
            "RR" + _digits(c, 9) + "DE",
            "LX" + _digits(c, 9) + "CN",
        ]
    ),
    "number": lambda c: str(c.randrange(1, 100_000)),
    "float": lambda c: f"{c.uniform(-180, 180):.6f}",
    "percent": lambda c: f"{c.uniform(0, 100):.2f} %",
    "range": lambda c: f"{c.randrange(1, 500)}-{c.randrange(500, 2000)}",
    "years": lambda c: f"{c.randrange(1950, 2000)}-{c.randrange(2000, 2026)}",
    "not_a_card": _not_luhn,
    "file": lambda c: (
        f"{c.choice(['icon', 'logo', 'bg-hero', 'avatar'])}@{c.choice('23')}x.{c.choice(['png', 'jpg', 'webp'])}"
    ),
    "package": lambda c: (
        f"{c.choice(['lodash', 'left-pad', '@babel/core'])}@{c.randrange(20)}.{c.randrange(30)}.{c.randrange(9)}"
    ),
    "handle": lambda c: "@" + c.choice(["jane.doe", "example_org", "dev-team", "news24"]),
    "path": lambda c: f"/var/log/app/{c.randrange(2015, 2026)}/{c.randrange(1, 13):02d}/{_digits(c, 6)}.log",
    "dimensions": lambda c: f"{c.randrange(100, 4000)}x{c.randrange(100, 4000)}x{c.randrange(1, 99)}",
    "plain_url": lambda c: (
        f"https://shop.example/{c.choice(['item', 'p'])}/{c.randrange(10**6)}?page={c.randrange(50)}&sort=price&ref=a"
    ),
    "section": lambda c: f"{c.randrange(1, 12)}.{c.randrange(1, 12)}.{c.randrange(1, 12)}",
    "ean": lambda c: _first(c, 13),
    "scope": lambda c: f"std::{c.choice(['vec', 'map', 'fs'])}::{c.choice(['add', 'bad', 'dec', 'face'])}",
    "part": lambda c: f"{_first(c, 4)}-{_digits(c, 4)}-{c.choice(string.ascii_uppercase)}",
    "score": lambda c: f"{c.randrange(10)}:{c.randrange(10)}",
    "bible": lambda c: f"{c.randrange(1, 50)}:{c.randrange(1, 40)}-{c.randrange(40, 60)}",
}

PLAIN: dict[str, list[str]] = {
    "en": [
        "Order {order} was shipped on {date}.",
        "order number {order}, please hurry",
        "Your invoice {code} over {price} is due on {date}.",
        "Tracking number {tracking}, expected {date}",
        "ts={millis} id={uuid}",
        "event at {millis} took {number} ms",
        "created={epoch} updated={epoch}",
        "commit {sha} merged into main",
        "ISBN {isbn}, second edition",
        "The meeting is on {date} at {time}.",
        "upgraded from {version} to {version}",
        "version {version} fixes the crash",
        "Total {price}, of which {percent} is tax",
        "ticket {code} is a duplicate of {code}",
        "request {uuid} failed after {number} ms",
        "located at {float}, {float}",
        "load average: {float} {float} {float}",
        "card {not_a_card} was mistyped",
        "account reference {order}",
        "see pages {range} of the manual",
        "the years {years} were good",
        "add {file} to the sprite sheet",
        "npm install {package}",
        "thanks {handle}, fixed",
        "wrote {path}",
        "size {dimensions} mm, weight {number} g",
        "See {plain_url} for details.",
        "section {section} of the contract",
        "EAN {ean}, sold out",
        "error in {scope} at line {number}",
        "part no. {part}, quantity {number}",
        "they won {score} in the end",
        "John {bible}",
        "sku {ean} barcode scanned {number} times",
        "batch {number} of {number}, started {date} {time}",
        "PO {order} confirmed, {number} units",
        "serial number {code} is out of warranty",
        "md5 {sha}",
        "The password must have at least {number} characters.",
        "Your token expires in {number} minutes.",
        "Please reset your password: the link is valid for one day.",
        "secret santa is on {date}",
        "I can't find the api key in the settings, where is it?",
        "The parcel was left with the neighbour, thank you.",
        "Is it possible to change the colour after ordering?",
        "It was born out of necessity in {date}'s release notes? No.",
        "born to run",
        "Nothing in here at all, just a note about the weather and the garden.",
    ],
    "de": [
        "Bestellung {order} vom {date} ist noch nicht da.",
        "Rechnung Nr. {code} über {price}, fällig am {date}",
        "Sendungsnummer {tracking}",
        "Kundennummer {order}, Vertrag seit {date}",
        "Artikel {ean} ist ausverkauft.",
        "Die Version {version} stürzt ab.",
        "Termin am {date} um {time} Uhr",
        "Das Gerät hat die Seriennummer {code}.",
        "Seiten {range}, Kapitel {section}",
        "Zeitstempel {millis}",
        "Auftrag {order} wurde storniert.",
        "Die Lieferung kam gestern an, vielen Dank.",
    ],
    "fr": [
        "Commande {order} du {date}",
        "Facture {code} de {price}",
        "Colis {tracking}, livraison prévue le {date}",
        "Version {version} installée le {date}",
        "Rendez-vous le {date} à {time}",
        "Le livre {isbn} n'est plus disponible.",
        "horodatage {millis}",
        "Merci beaucoup pour votre réponse rapide.",
    ],
    "es": [
        "Pedido {order} enviado el {date}",
        "Factura {code} por {price}",
        "La versión {version} ya está disponible.",
        "Seguimiento {tracking}",
        "Gracias por todo, muy amable.",
    ],
    "hi": ["ऑर्डर {order} कल आएगा।", "दिनांक {date} को मिलेंगे।", "सीरियल {code}", "बहुत धन्यवाद।"],
    "ja": ["注文番号 {order} の件です。", "{date} に会いましょう。"],
}
