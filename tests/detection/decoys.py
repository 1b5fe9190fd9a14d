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


def _luhn(payload: str) -> str:
    """With the check digit that cards have; so have numbers of many other things."""
    total = sum(sum(map(int, str(int(d) * (1 if i % 2 else 2)))) for i, d in enumerate(reversed(payload)))
    return payload + str(-total % 10)


def _long_run(chance: random.Random) -> str:
    """A number that a card would have, within a longer one."""
    card = _luhn("4" + _digits(chance, 14))
    before, behind = _digits(chance, chance.randrange(1, 5)), _digits(chance, chance.randrange(3))
    return f"{before}{card}{behind}"


def _not_an_iban(chance: random.Random) -> str:
    """The form of an account's number, with check digits that are wrong."""
    country, length = chance.choice([("DE", 18), ("FR", 23), ("PL", 24), ("ES", 20)])
    body = _digits(chance, length)
    value = int(body + "".join(str(ord(letter) - 55) for letter in country) + "00")
    right = 98 - value % 97
    wrong = chance.choice([check for check in range(2, 99) if check != right and check % 97 != right % 97])
    made = f"{country}{wrong:02d}{body}"
    return chance.choice([made, " ".join(made[at : at + 4] for at in range(0, len(made), 4))])


def _stamp(chance: random.Random) -> str:
    """A moment, in digits alone or nearly so."""
    day = f"{chance.randrange(2015, 2027)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    time = f"{chance.randrange(24):02d}{chance.randrange(60):02d}{chance.randrange(60):02d}"
    return chance.choice([f"{day}{time}", f"{day}-{time}", f"{day}T{time}Z", f"{day} {time}", f"{day}_{time}"])


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
    "long_run": _long_run,
    "not_an_iban": _not_an_iban,
    "stamp": _stamp,
    "luhn": lambda c: _luhn(c.choice("123456789") + _digits(c, 14)),
    "imei": lambda c: _luhn(c.choice(["35", "86", "01"]) + _digits(c, 12)),
    "agent": lambda c: (
        f"Chrome/{c.randrange(90, 131)}.0.{c.randrange(4000, 7000)}.{c.randrange(40, 220)} Safari/537.36"
    ),
    "library": lambda c: (
        f"{c.choice(['log4net', 'newtonsoft', 'grpc'])}-{c.randrange(9)}.{c.randrange(30)}.{c.randrange(40)}.0.jar"
    ),
    "trace": lambda c: _hex(c, c.choice([16, 24, 32])),
    "pointer": lambda c: "0x" + _hex(c, 12),
    "sortcode": lambda c: f"{_digits(c, 2)}-{_digits(c, 2)}-{_digits(c, 2)}",
    "account": lambda c: _digits(c, 8),
    "thousands": lambda c: f"{c.randrange(1, 999)} {_digits(c, 3)} {_digits(c, 3)}",
    "row": lambda c: " ".join(str(c.randrange(10, 99)) for _ in range(c.randrange(3, 9))),
    "plate": lambda c: f"{c.choice(['B', 'M', 'HH'])}-{c.choice(string.ascii_uppercase)}X {_first(c, 4)}",
    "coordinates": lambda c: f"{c.uniform(-90, 90):.5f}, {c.uniform(-180, 180):.5f}",
    "hours": lambda c: f"{c.randrange(6, 12):02d}:{c.randrange(60):02d}-{c.randrange(13, 23)}:{c.randrange(60):02d}",
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
        "order {luhn} left the warehouse",
        "reference {long_run} in the file",
        "id={long_run}",
        "not an account: {not_an_iban}",
        "IBAN {not_an_iban} was rejected, check digits wrong",
        "backup-{stamp}.tar.gz",
        "log of {stamp}",
        "started {stamp}, finished {stamp}",
        "phone IMEI {imei}",
        "IMEI: {imei}",
        "Mozilla/5.0 (X11; Linux x86_64) {agent}",
        "classpath {library}:{library}",
        "trace={trace} span={trace}",
        "segfault at {pointer} ip {pointer}",
        "sort code {sortcode}, account {account}",
        "population {thousands}",
        "bingo: {row}",
        "numbers {row} / {row}",
        "van {plate} in bay {number}",
        "pin at {coordinates}",
        "open {hours}, closed on Sundays",
        "call volume rose to {thousands} in {years}",
        "text size {number} px, mobile breakpoint {dimensions}",
        "phone stock: {number} units, order {order}",
        "call {scope} before {time}",
        "ssh root@server1 and git@example.com:team/app.git",
        "the @types/node@18.11.9 package and user@localhost",
        "password: required, token: string, secret: none",
        "api_key=<your key here> or ${API_KEY}",
        "use scikit-learn and sk-learn-contrib-extras",
        "DOB unknown, visited {date}",
        "a::b, c::d, ::before and ::after",
        "time 10:20:30:40 and ratio 1:2:3:4",
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
        "Öffnungszeiten {hours}, Kennzeichen {plate}",
        "Einwohner: {thousands}",
        "Protokoll vom {stamp}",
        "Bestellnummer {luhn}",
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
    "pl": ["Zamówienie {order} z dnia {date}", "Wersja {version} nie działa.", "Faktura {code} na {price}"],
    "hi": ["ऑर्डर {order} कल आएगा।", "दिनांक {date} को मिलेंगे।", "सीरियल {code}", "बहुत धन्यवाद।"],
    "ja": [
        "伝票番号 {long_run} です。",
        "追跡番号 {tracking}",
        "注文番号 {order} の件です。",
        "{date} に会いましょう。",
    ],
}
