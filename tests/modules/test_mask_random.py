"""mask.wasm beside a slow reference in Python: any JSON under any small policy, token by token."""

import json
import re
from typing import Any

from harness import DROP, PASS, REFUSE, Guest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mask_reference import KEY, List, Made, Object, Reference, RefusedError, Scalar, Tree, raw, tokens
from masking import BUILD

KEYS = ["a", "b", "email", "a_key_of_17_bytes", "0", "1", "", "é/~"]
WHITE = st.sampled_from(["", "", "", " ", "\n", "\r\n\t", "  \n      ", " " * 17])
NUMBERS = ["0", "-0", "7", "-12.50", "1e400", "1E-7", "123456789012345678901234567890", "0.1e+1", "5" * 40]


@st.composite
def strings(draw: st.DrawFn, text: str | None = None) -> str:
    """A string's JSON text: each character as it is, or as an escape."""
    if text is None:
        text = draw(st.text(st.characters(codec="utf-8"), max_size=40))
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
treatments: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from([{"kind": kind} for kind in ("keep", "keep", "redact", "nullify", "drop")]),
    st.builds(lambda text: {"kind": "text", "text": text}, st.text(st.characters(codec="utf-8"), max_size=40)),
    st.builds(
        lambda first, last, mask: {"kind": "partial", "keep_first": first, "keep_last": last, "mask": mask},
        st.integers(0, 5), st.integers(0, 5), st.sampled_from(["*", "x", "•", '"', "\n"]),
    ),
    st.builds(
        lambda size, prefix: {"kind": "hmac", "secret": "s", "domain": "d", "bytes": size, "prefix": prefix},
        st.integers(8, 32), st.sampled_from(["", 'u"-']),
    ),
)  # fmt: skip


def once(path: str) -> str:
    """The same for paths that are the same: `/**/**` is `/**`."""
    return re.sub(r"(/\*\*)+(?=/|$)", "/**", path)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.lists(paths, max_size=6, unique_by=once))
    rules: list[dict[str, Any]] = [
        {"name": f"r{i}", "paths": [path], "treatment": draw(treatments)} for i, path in enumerate(found)
    ]
    return {"unlisted": draw(st.sampled_from(["keep", "drop", "refuse"])), "rules": rules}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.lists(st.tuples(WHITE, trees, WHITE), min_size=1, max_size=4))
def test_any_message_under_any_policy_is_masked_as_the_reference_says(
    policy: dict[str, Any], messages: list[tuple[str, Tree, str]]
) -> None:
    guest = Guest(BUILD, policy, secrets={"s": KEY})
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
    return bool(json.loads(token) == json.loads(expected)) if isinstance(expected, Made) else token == expected


secret_trees: st.SearchStrategy[Tree] = st.recursive(
    st.just(Scalar('"s3cr3t"')), lambda inner: lists(inner) | objects(inner), max_leaves=20
)


@settings(max_examples=150, deadline=None)
@given(secret_trees, policies())
def test_nothing_of_a_treated_message_survives(tree: Tree, policy: dict[str, Any]) -> None:
    treatment = {"kind": "hmac", "secret": "s", "domain": "d"}
    everything = {"unlisted": policy["unlisted"], "rules": [{"name": "all", "paths": ["/**"], "treatment": treatment}]}
    (output,) = Guest(BUILD, everything, secrets={"s": KEY}).transform([raw(tree).encode()])
    assert b"s3cr3t" not in output.data
    dropped = {"unlisted": "drop", "rules": [{**rule, "treatment": {"kind": "redact"}} for rule in policy["rules"]]}
    (output,) = Guest(BUILD, dropped).transform([raw(tree).encode()])
    assert b"s3cr3t" not in output.data
