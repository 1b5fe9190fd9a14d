"""mask.wasm beside a slow reference in Python: any JSON under any small policy, token by token."""

import json
import re
from typing import Any

from harness import DROP, PASS, REFUSE, Guest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mask_reference import ANY, KEY, List, Made, Object, Reference, RefusedError, Scalar, Tree, raw, tokens
from masking import BUILD

KEYS = ["a", "b", "email", "a_key_of_17_bytes", "0", "1", "", "é/~"]
WHITE = st.sampled_from(["", "", "", " ", "\n", "\r\n\t", "  \n      ", " " * 17])
NUMBERS = ["0", "-0", "7", "-12.50", "1e400", "1E-7", "123456789012345678901234567890", "0.1e+1", "5" * 40]


words = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="@"), max_size=20),
    st.sampled_from(["ada@example.org", "grace@example.org", "2024-05-17", "203.0.113.7", "4111 1111 1111 1234"]),
)


@st.composite
def strings(draw: st.DrawFn, text: str | None = None) -> str:
    """A string's JSON text: each character as it is, or as an escape."""
    if text is None:
        text = " ".join(draw(st.lists(words, min_size=1, max_size=3)))
    written = []
    for character in text:
        plain = json.dumps(character, ensure_ascii=False)[1:-1]
        escaped = json.dumps(character)[1:-1]
        four = f"\\u{ord(character):04X}" if ord(character) < 0x10000 else escaped
        written.append(draw(st.sampled_from([plain, plain, escaped, four])))
    return '"' + "".join(written) + '"'


scalars = st.one_of(strings(), st.sampled_from([*NUMBERS, "true", "false", "null"])).map(Scalar)


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[Tree]) -> Tree:
    items = draw(st.lists(inner, max_size=4))
    text = ",".join(draw(WHITE) + raw(item) + draw(WHITE) for item in items) or draw(WHITE)
    return List(items=tuple(items), raw=f"[{text}]")


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Tree]) -> Tree:
    values = draw(st.lists(inner, max_size=4))
    members = [(draw(strings(draw(st.sampled_from(KEYS)))), value) for value in values]  # a key may come twice
    parts = [draw(WHITE) + key + draw(WHITE) + ":" + draw(WHITE) + raw(value) + draw(WHITE) for key, value in members]
    text = ",".join(parts)
    return Object(members=tuple(members), raw="{" + (text or draw(WHITE)) + "}")


trees: st.SearchStrategy[Tree] = st.recursive(scalars, lambda inner: lists(inner) | objects(inner), max_leaves=12)
segments = st.sampled_from([*KEYS[:6], "", "é~1~0", "*", "*", "**", "01"])
paths = st.lists(segments, max_size=4).map(lambda path: "".join("/" + segment for segment in path))
simple: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from([{"kind": kind} for kind in ("keep", "redact", "nullify", "drop")]),
    st.builds(lambda text: {"kind": "text", "text": text}, st.text(st.characters(codec="utf-8"), max_size=40)),
)
keyed = {"secret": "s", "domain": "d"}
treatments: st.SearchStrategy[dict[str, Any]] = st.one_of(
    simple,
    st.builds(
        lambda first, last, mask: {"kind": "partial", "keep_first": first, "keep_last": last, "mask": mask},
        st.integers(0, 5), st.integers(0, 5), st.sampled_from(["*", "x", "•", '"', "\n"]),
    ),
    st.builds(
        lambda size, prefix: {"kind": "hmac", **keyed, "bytes": size, "prefix": prefix},
        st.integers(8, 32), st.sampled_from(["", 'u"-']),
    ),
    st.sampled_from([
        {"kind": "partial", "keep_first": 1, "keep_domain": True, "keep_separators": True, "mask": '"'},
        {"kind": "fixed", "length": 3, "keep_last": 2, "mask": "\\"},
        {"kind": "truncate", "keep": 3},
        {"kind": "noise", **keyed, "by": "0.5"},
        {"kind": "shift_date", **keyed, "days": 30, "entity": "/a"},
        {"kind": "date", "keep": "month", "form": "same"},
        {"kind": "bucket", "size": 10, "as": "lower"},
        {"kind": "bucket", "edges": [0, 10]},
        {"kind": "ip_prefix"},
        {"kind": "ff1", **keyed, "key_id": "k", "alphabet": 'text:"\\abcdefgé 0123456789'},
        {"kind": "siv", "secret": "long", "domain": "d", "key_id": "k"},
        {"kind": "name", **keyed},
        {"kind": "email", **keyed},
        {"kind": "choose", "from": ["one", "two", "é\n"], **keyed},
        {"kind": "shuffle", **keyed, "least": 2},
    ]),
)  # fmt: skip


def once(path: str) -> str:
    """The same for paths that are the same: `/**/**` is `/**`."""
    return re.sub(r"(/\*\*)+(?=/|$)", "/**", path)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.lists(paths, max_size=6, unique_by=once))
    rules: list[dict[str, Any]] = []
    for number, path in enumerate(found):
        if draw(st.integers(0, 3)):
            rules.append({"name": f"r{number}", "paths": [path], "treatment": draw(treatments)})
        else:
            find = {"name": f"f{number}", "detect": ["email"], "treatment": draw(simple)}
            rules.append({"paths": [path], "scan": {"find": [find]}})
    return {"unlisted": draw(st.sampled_from(["keep", "drop", "refuse"])), "rules": rules}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.lists(st.tuples(WHITE, trees, WHITE), min_size=1, max_size=4))
def test_any_message_under_any_policy_is_masked_as_the_reference_says(
    policy: dict[str, Any], messages: list[tuple[str, Tree, str]]
) -> None:
    guest = Guest(BUILD, policy, secrets={"s": KEY, "long": KEY + KEY[::-1]})
    outputs = guest.transform([(before + raw(tree) + after).encode() for before, tree, after in messages])
    counts: dict[str, int] = {}
    for (_, tree, _), output in zip(messages, outputs, strict=True):
        reference = Reference(policy["unlisted"], policy["rules"])
        try:
            left = reference.apply(tree)
        except RefusedError:
            assert output.status == REFUSE
            assert output.data.startswith(b"unlisted_field ")
            continue
        for name, count in reference.counts.items():
            counts[name] = counts.get(name, 0) + count
        if left is None:
            assert output.status == DROP
        else:
            assert output.status == PASS
            found = tokens(output.data.decode())
            assert len(found) == len(left)
            assert [pair for pair in zip(found, left, strict=True) if not same(*pair)] == []
            json.loads(output.data)
    assert guest.report == {name: count for name, count in counts.items() if count}


def same(token: str, expected: str) -> bool:
    """What isn't masked has to be there byte for byte."""
    if expected is ANY:
        return not isinstance(json.loads(token), (dict, list)) and token != "null"
    return bool(json.loads(token) == json.loads(expected)) if isinstance(expected, Made) else token == expected
