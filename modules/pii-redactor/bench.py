"""Texts of about 130 characters, a third of them with something to find, and one that has one of nearly everything.

The peer is Presidio's recognisers of the same entities, called directly, without a model of a language and without its
engine, which would cost more. The one for telephone numbers takes most of the time: measured with it and without it.
"""

import json
import random

from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

FIVE = {"email": {}, "card": {}, "iban": {}, "us_ssn": {}, "ip": {"detect": ["ipv4", "ipv6"]}}
CONFIGURATION: dict[str, object] = {"find": {**FIVE, "telephone": {}}}
PEER = "presidio-analyzer"
RECOGNIZERS = [EmailRecognizer(), CreditCardRecognizer(), IbanRecognizer(), UsSsnRecognizer(), IpRecognizer()]
TELEPHONE = PhoneRecognizer()
TEXTS = [
    "Thanks for the quick reply, the parcel came this morning and all is well; please close my request and have "
    "a nice day over there.",
    "Order 48213 of 2024-05-17 (3 items, 129.90 EUR) was sent on Monday at 10:45 with 2 parcels, tracking "
    "00340434161094021501, thanks!",
    "Hi, I'm Jane (jane.doe@example.org), card 4111 1111 1111 1111, IBAN DE89370400440532013000, call "
    "+49 30 1234567 from 203.0.113.7.",
]


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [_message(number, chance.choice(TEXTS)) for number in range(300)]


def dense() -> list[bytes]:
    return [_message(number, TEXTS[-1]) for number in range(300)]


def _message(number: int, text: str) -> bytes:
    return json.dumps({"id": number, "note": text}).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    return _redact(messages, [*RECOGNIZERS, TELEPHONE])


def peer_without_telephone(messages: list[bytes]) -> object:
    return _redact(messages, RECOGNIZERS)


def _redact(messages: list[bytes], recognizers: list) -> object:
    redacted = []
    for raw in messages:
        message = json.loads(raw)
        text = message["note"]
        found = [
            result
            for recognizer in recognizers
            for result in recognizer.analyze(text, recognizer.supported_entities, None)
        ]
        for result in sorted(found, key=lambda result: -result.start):
            text = text[: result.start] + f"[{result.entity_type}]" + text[result.end :]
        message["note"] = text
        redacted.append(json.dumps(message))
    return redacted


_WITHOUT = {"CONFIGURATION": {"find": FIVE}, "peer": peer_without_telephone}
CASES: dict[str, dict[str, object]] = {
    "mixed texts": {},
    "mixed texts, no telephone": _WITHOUT,
    "one text with all": {"messages": dense},
    "one text with all, no telephone": {**_WITHOUT, "messages": dense},
}
