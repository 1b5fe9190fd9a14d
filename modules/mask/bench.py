"""Three masked fields in orders of 444 bytes, beside loading, assigning and dumping them with orjson."""

from gateway.bench import messages as orders

CONFIGURATION = {
    "unlisted": "keep",
    "rules": [
        {"name": "email", "paths": ["/customer/email"], "treatment": {"kind": "redact"}},
        {"name": "phone", "paths": ["/customer/phone"], "treatment": {"kind": "partial", "keep_last": 2}},
        {"name": "card", "paths": ["/payment/card"], "treatment": {"kind": "partial", "keep_last": 4}},
    ],
}
PEER = "orjson"


def messages() -> list[bytes]:
    return orders.messages(2000)


def peer(messages: list[bytes]) -> bytes:
    return orders.peer(b"".join(messages))
