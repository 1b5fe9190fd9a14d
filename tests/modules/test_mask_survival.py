"""mask.wasm: nothing of a value at a masked path is left, in any encoding, whatever the treatment and the policy."""

import base64
import hashlib
import json
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from harness import DROP, PASS, REFUSE, Guest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mask_reference import KEY, Reference, RefusedError, Scalar, Tree, kind
from masking import BUILD
from test_mask_random import lists, objects, policies, strings

SECRETS = {"s": KEY, "long": KEY + KEY[::-1]}
KEYED = {"secret": "s", "domain": "d"}
TREATMENTS: list[dict[str, Any]] = [
    {"kind": "redact"},
    {"kind": "text", "text": "-"},
    {"kind": "nullify"},
    {"kind": "drop"},
    {"kind": "partial"},
    {"kind": "partial", "keep_first": 3, "keep_last": 4},
    {"kind": "partial", "keep_separators": True, "keep_domain": True, "keep_last": 2},
    {"kind": "fixed", "keep_first": 2, "keep_last": 2},
    {"kind": "truncate", "keep": 4},
    {"kind": "hmac", **KEYED, "key_id": "k", "prefix": "p"},
    {"kind": "ff1", **KEYED, "key_id": "k"},
    {"kind": "ff1", **KEYED, "alphabet": "alphanumeric", "tagged": False},
    {"kind": "siv", "secret": "long", "domain": "d", "key_id": "k"},
    {"kind": "bucket", "size": 1000},
    {"kind": "bucket", "size": 1000, "as": "lower"},
    {"kind": "bucket", "edges": [0, 1000]},
    {"kind": "date", "keep": "day"},
    {"kind": "date", "keep": "hour", "form": "same"},
    {"kind": "ip_prefix"},
    {"kind": "noise", **KEYED, "by": 50},
    {"kind": "shift_date", **KEYED, "days": 300, "entity": "/0"},
    {"kind": "name", **KEYED},
    {"kind": "email", **KEYED},
    {"kind": "choose", "from": ["one", "two"], **KEYED},
    {"kind": "shuffle", **KEYED, "least": 1000},
]


FORMS = [
    "{}",
    "-{}",
    "{}.75",
    "{}e2",
    "4{}00001",
    "+44 20 {}",
    "jane.{}@example.net",
    "Zoë-{} Østergård",
    "{:.4}-05-17T13:45:12.{}Z",
    "2001:db8:{:.4}::{:.3}:abcd",
    'a "{}" \\ b',
]


@st.composite
def canaries(draw: st.DrawFn) -> Scalar:
    """A value of some kind of data, of ten characters or more, that nothing else in these tests writes: its digits are
    those of a digest, so that no other form has them.
    """
    form = draw(st.sampled_from(FORMS))
    digest = hashlib.sha256(f"{form} {draw(st.integers(0, 10**6))}".encode()).digest()
    digits = str(int.from_bytes(digest) % 8 * 10**9 + int.from_bytes(digest[4:]) % 10**9 + 10**9 | 1)
    text = form.format(digits, digits)
    return Scalar(text if form in FORMS[:5] and draw(st.booleans()) else draw(strings(text)))


trees: st.SearchStrategy[Tree] = st.recursive(canaries(), lambda inner: lists(inner) | objects(inner), max_leaves=6)


def leaves(value: Any) -> Iterator[str]:
    """The characters of each scalar; a number's as it was written."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value if isinstance(value, str) else json.dumps(value)


def read(message: str) -> Any:
    """The value; a number is its text, and of a key that comes twice each value is there."""
    return json.loads(message, parse_int=str, parse_float=str, object_pairs_hook=lambda pairs: [v for _, v in pairs])


def encodings(secret: str) -> Iterator[str]:
    """How it may stand in a text: as it is, escaped, percent-encoded, in hexadecimal, in base64 wherever it begins."""
    raw = secret.encode()
    yield secret
    yield json.dumps(secret)[1:-1]
    yield "".join(f"\\u{ord(character):04x}" for character in secret)
    yield urllib.parse.quote(secret)
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield raw.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            inner = encode(b"\0" * before + raw).decode().rstrip("=")
            yield inner[4 if before else 0 : -2]  # without what depends on the bytes around it
    yield secret[::-1]


def assert_gone(secret: str, output: str) -> None:
    decoded = "\n".join(leaves(read(output)))
    low = output.lower()
    found = [form for form in encodings(secret) if form in output or form.lower() in low or form in decoded]
    assert found == []


@pytest.mark.parametrize("treatment", TREATMENTS, ids=json.dumps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees, around=st.sampled_from(["%s", "[0, %s ]", '{"a":%s,"b":1}', '{"x":{"y":[%s,{"b":[%s]}]}}']))
def test_nothing_of_a_masked_value_is_left(treatment: dict[str, Any], tree: Tree, around: str) -> None:
    """Masked by paths that reach into it as deeply as they can, so that each treatment meets scalars and containers."""
    text = tree.text if isinstance(tree, Scalar) else tree.raw
    message = around.replace("%s", text)
    secrets = set(leaves(read(text)))
    for path in ("/**", "/*", "/x/y/*"):
        rules = [{"name": "all", "paths": [path], "treatment": treatment}]
        for unlisted in ("drop", "keep") if path == "/**" else ("drop",):
            guest = Guest(BUILD, {"unlisted": unlisted, "rules": rules}, secrets=SECRETS)
            (output,) = guest.transform([message.encode()])
            if output.status == PASS:
                for secret in secrets:
                    assert_gone(secret, output.data.decode())
            else:
                assert output.status == DROP or output.data == b"unlisted_field 0"


class Marked(Reference):
    """The reference, which also notes what is treated whole: those texts have to be gone."""

    def _treat(self, rule: dict[str, Any], tree: Tree) -> list[str] | None:
        if kind(rule) not in ("shuffle", "reveal", "truncate"):
            gone.update(leaves(read(tree.text if isinstance(tree, Scalar) else tree.raw)))
        return super()._treat(rule, tree)


gone: set[str] = set()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.lists(trees, min_size=1, max_size=3))
def test_any_policy_leaves_nothing_of_what_it_masks(policy: dict[str, Any], messages: list[Tree]) -> None:
    texts = [tree.text if isinstance(tree, Scalar) else tree.raw for tree in messages]
    everywhere = Counter(secret for text in texts for secret in leaves(read(text)))
    outputs = Guest(BUILD, policy, secrets=SECRETS).transform([text.encode() for text in texts])
    for tree, output in zip(messages, outputs, strict=True):
        gone.clear()
        try:
            Marked(policy["unlisted"], policy["rules"]).apply(tree)
        except RefusedError:
            assert output.status == REFUSE
            continue
        for secret in gone:
            if output.status == PASS and everywhere[secret] == 1:
                assert_gone(secret, output.data.decode())


LONG = [b"jane@example.org, " * 600_000, b"\\u0041" * 1_700_000, b"1" * 10_000_000]
SCAN = {"find": [{"name": "any", "detect": ["email", "card", "telephone"], "treatment": {"kind": "redact"}}]}


@pytest.mark.parametrize("treatment", [*TREATMENTS, None], ids=json.dumps)
def test_a_string_of_ten_megabytes_is_masked_or_refused(treatment: dict[str, Any] | None) -> None:
    """None: it is scanned. In 64 MiB; a message after it is masked as ever."""
    rule = {"paths": ["/a"]} | ({"name": "a", "treatment": treatment} if treatment else {"scan": SCAN})
    guest = Guest(BUILD, {"unlisted": "keep", "rules": [rule]}, secrets=SECRETS)
    after = b'{"a":"jane@example.org"}'
    (alone,) = guest.transform([after])
    for text in LONG:
        outputs = guest.transform([b'{"a":"' + text + b'"}', after])
        assert outputs[0].status != PASS or text[:1000] not in outputs[0].data
        assert outputs[0].status != REFUSE or outputs[0].data == b"too_large"
        assert outputs[1].data == alone.data


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5), policies())
def test_bytes_of_no_meaning_are_refused(messages: list[bytes], policy: dict[str, Any]) -> None:
    for message, output in zip(messages, Guest(BUILD, policy, secrets=SECRETS).transform(messages), strict=True):
        try:
            json.loads(message.decode("utf-8"), parse_constant=int)
        except (ValueError, RecursionError):
            assert output.status == REFUSE
