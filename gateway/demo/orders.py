"""Orders of a web shop as JSON, and sales of its tills as CSV: made up, the same for the same seed.

Names, addresses and telephone numbers are as people in different countries write them, cards have a right check digit
(ISO/IEC 7812-1, annex B), and free text mentions all of that where nobody expects it.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from faker import Faker

Order = dict[str, Any]
Sale = dict[str, str]

# Locale → country and currency, and notes as people write them there. {m}: mail, {p}: telephone, {n}: name.
PLACES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "de_DE": ("DE", "EUR", ("Bitte bei {n} klingeln, sonst {p}", "Größe „M“ – Rückfragen an {m}")),
    "fr_FR": ("FR", "EUR", ("C'est pour {n} 🎁, ne pas appeler le {p}", "Écrivez-moi\u202f: {m}")),
    "en_GB": ("GB", "GBP", ('Leave it with "the neighbour" at {p}', "Engrave: {n} ❤️\nInvoice to {m}")),
    "ja_JP": ("JP", "JPY", ("{n}様へ。お届け前に{p}までお電話ください", "領収書は{m}へお願いします🙏")),
    "hi_IN": ("IN", "INR", ("कृपया {p} पर फ़ोन करें", "{n} के लिए, रसीद {m} पर भेजें")),
    "ar_DZ": ("DZ", "DZD", ("هدية إلى {n}، الهاتف {p}", "أرسلوا الفاتورة إلى {m}")),
    "el_GR": ("GR", "EUR", ("Για {n} — τηλ. {p}", "Απόδειξη στο {m}, ευχαριστώ 👍🏽")),
}
TEXTS_WITHOUT_PEOPLE = ("", "👍", "C:\\gifts\\list.txt\t(see there)", 'size 42/43 "wide"', "line\u2028separator")
GOODS = (
    ("K-100", "Kettle", 29.9), ("K-101", "Teapot, blue", 24.5), ("B-007", "Notebook A5", 6.2),
    ("L-330", "Lamp “Nora”", 89.0), ("S-212", "Socks (3 pairs)", 12.0), ("H-500", "Headphones", 149.0),
)  # fmt: skip
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)")
_BEGIN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def orders(count: int, seed: int = 2026) -> Iterator[Order]:
    chance = random.Random(seed)
    people = _people(seed)
    for number in range(count):
        locale = chance.choice(tuple(PLACES))
        yield _order(number, locale, people[locale], chance)


def sales(count: int, seed: int = 2026) -> Iterator[Sale]:
    """Columns as the tills name them. Most customers don't leave their name."""
    chance = random.Random(seed + 1)
    people = _people(seed + 1)
    for number in range(count):
        locale = chance.choice(tuple(PLACES))
        person = people[locale]
        sku, _, price = chance.choice(GOODS)
        quantity = chance.randint(1, 4)
        known = chance.random() < 0.4
        name = f"{person.last_name()}, {person.first_name()}"
        mail, phone = person.ascii_safe_email(), person.phone_number()
        yield {
            "receipt": f"R-{number:06}",
            "sold_at": _time(number),
            "store": f"{PLACES[locale][0]}-{chance.randint(1, 9)}",
            "cashier": person.first_name(),
            "customer": name if known else "",
            "mail": mail if known else "",
            "phone": phone if known else "",
            "card": person.credit_card_number("visa") if chance.random() < 0.7 else "",
            "sku": sku,
            "quantity": str(quantity),
            "sum": f"{price * quantity:.2f}",
            "remark": _text(locale, name, mail, phone, chance) if known else "",
        }


def ndjson(messages: Iterable[Order]) -> bytes:
    """A message a line, UTF-8; every other one with all beyond ASCII escaped, as many libraries write JSON."""
    lines = (json.dumps(message, ensure_ascii=number % 2 == 1) for number, message in enumerate(messages))
    return "".join(f"{line}\n" for line in lines).encode()


def as_csv(rows: Iterable[Sale]) -> bytes:
    """RFC 4180, UTF-8, with a header: fields with commas, quotes and line ends are in quotes."""
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def personal_of_order(order: Order) -> Iterator[tuple[str, str]]:
    """What nobody is to see who needn't: the data class and the value."""
    customer, shipping, payment = order["customer"], order["shipping"], order["payment"]
    yield "pii.customer_id", customer["id"]
    yield "pii.name", customer["name"]
    yield "pii.email", customer["email"]
    yield "pii.phone", customer["phone"]
    yield "pii", customer["birthday"]
    yield "pii.address", shipping["street"]
    yield "pii.address", shipping["city"]
    yield "pii.address.postcode", shipping["postcode"]
    yield "pci.pan", payment["card"]
    yield "pci.verification", payment["cvc"]
    yield "pci.expiry", payment["expires"]
    yield "pii.network", order["client"]["ip"]
    yield "pii.network", order["client"]["user_agent"]
    yield "", order["tracking"]["visitor"]  # no class: nobody has listed it
    for text in (order["note"], shipping["instructions"], *(item["note"] for item in order["items"])):
        yield "text", text


def personal_of_sale(sale: Sale) -> Iterator[tuple[str, str]]:
    """As `personal_of_order`."""
    for column, name in (
        ("cashier", "pii.name"), ("customer", "pii.name"), ("mail", "pii.email"), ("phone", "pii.phone"),
        ("card", "pci.pan"), ("remark", "text"),
    ):  # fmt: skip
        yield name, sale[column]


# ---------------------------------------------------------------- one of each


def _people(seed: int) -> dict[str, Faker]:
    people = {}
    for number, locale in enumerate(PLACES):
        people[locale] = Faker(locale)
        people[locale].seed_instance(seed * 100 + number)
    return people


def _order(number: int, locale: str, person: Faker, chance: random.Random) -> Order:
    country, currency, _ = PLACES[locale]
    name, mail, phone = person.name(), person.ascii_safe_email(), person.phone_number()
    bought = [(*goods, chance.randint(1, 3)) for goods in chance.sample(GOODS, chance.randint(1, 3))]
    return {
        "order_id": f"W-2026-{number:06}",
        "placed_at": _time(number),
        "channel": chance.choice(("web", "app")),
        "locale": locale,
        "currency": currency,
        "total": round(sum(price * quantity for _, _, price, quantity in bought), 2),
        "customer": {
            "id": f"C-{chance.randint(10**7, 10**8 - 1)}",
            "name": name,
            "email": mail,
            "phone": phone,
            "birthday": person.date_of_birth(minimum_age=18).isoformat(),
        },
        "shipping": {
            "name": name,
            "street": person.street_address(),
            "city": person.city(),
            "postcode": person.postcode(),
            "country": country,
            "method": chance.choice(("parcel", "letter", "pick-up")),
            "instructions": _text(locale, name, mail, phone, chance),
        },
        "payment": {
            "method": "card",
            "card": person.credit_card_number(chance.choice(("visa", "mastercard", "amex"))),
            "holder": name.upper(),
            "expires": person.credit_card_expire(),
            "cvc": person.credit_card_security_code("visa"),
        },
        "items": [
            {
                "sku": sku,
                "title": title,
                "quantity": quantity,
                "price": price,
                "note": _text(locale, name, mail, phone, chance),
            }
            for sku, title, price, quantity in bought
        ],
        "note": _text(locale, name, mail, phone, chance),
        "client": {"ip": person.ipv4_public(), "user_agent": chance.choice(AGENTS)},
        "tracking": {"visitor": f"{chance.getrandbits(96):024x}", "campaign": "spring"},
    }


def _text(locale: str, name: str, mail: str, phone: str, chance: random.Random) -> str:
    if chance.random() < 0.4:
        return chance.choice(TEXTS_WITHOUT_PEOPLE)
    return chance.choice(PLACES[locale][2]).format(n=name, m=mail, p=phone)


def _time(number: int) -> str:
    return (_BEGIN + timedelta(seconds=7 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
