"""The committed mask.wasm: batches, its memory, and the configurations that it refuses."""

import json
from typing import Any

import pytest
from harness import PASS, REFUSE, ConfigurationRefused, Guest
from masking import BUILD, KEEP, LEAVE_OUT, REDACT, mask, partial, pseudonym, text

# ---- Batches


def test_a_batch_gives_one_entry_a_message_and_counts_what_passed() -> None:
    guest = mask(("/a", REDACT), ("/b", LEAVE_OUT), unlisted="refuse")
    good, bad = b'{"a":1,"b":[2],"a":3}\n', b'{"a":1,"b":2,"c":3}\n'
    messages = [good, bad, b"", b'{"a":"\xff"}', b'{"a":1', b"\n", good[:-1], b'{"b":0}\r\n', bad]
    outputs = guest.transform(messages)
    assert [output.status for output in outputs] == [PASS, *[REFUSE] * 5, PASS, PASS, REFUSE]
    assert outputs[0].data == outputs[6].data == b'{"a":"[REDACTED]","a":"[REDACTED]"}\n'
    assert outputs[7].data == b"{}\n"
    assert [output.data.decode() for output in outputs if output.status == REFUSE] == [
        "unlisted_field 13",
        *("invalid_json 0", "invalid_utf8 6", "invalid_json 6", "invalid_json 0"),
        "unlisted_field 13",
    ]  # fmt: skip
    assert guest.report == {"a": 4, "b": 3}
    assert guest.transform([]) == []
    assert guest.report == {}


def test_what_stands_in_the_next_message_is_nothing_to_this_one() -> None:
    guest = mask(("/a", REDACT))
    for cut in (
        b'{"a":"x',
        b'{"a":tru',
        b'{"a',
        b"[1,",
        b"[1",
        b'{"a":1}',
        b'"\\u00',
        b"\xe2\x82",
        b'"\\',
        b"-",
        b"1e",
    ):
        alone = guest.transform([cut])[0][1:]
        for after in (b'"}', b"e}", b"]", b"\xac", b"0041", b"9", b" ", b"\n", b"0" * 64):
            assert guest.transform([after, cut, after])[1][1:] == alone


def test_counts_of_a_message_that_is_refused_are_taken_back_however_many() -> None:
    guest = mask(("/**/a", REDACT), unlisted="keep")
    many = b"[" + b",".join([b'{"a":1}'] * 1000)
    outputs = guest.transform([many + b"]", many + b",]", b'{"a":1}'])
    assert [output.status for output in outputs] == [PASS, REFUSE, PASS]
    assert guest.report == {"a": 1001}
    guest.transform([b'{"a":1}'])
    assert guest.report == {"a": 1}


def test_every_message_comes_out_as_one_line() -> None:
    guest = mask(("/a", REDACT))
    assert guest.one('\r\n\t {\r\n  "a" :\t1 ,\n\n  "b":[\r1,\n2 ]\n}\r\n ') == (
        b'{    "a" :\t"[REDACTED]" ,    "b":[ 1, 2 ] }'
    )
    document = {"a": {"x": [1, 2]}, "b": [{"c": "d" * 50, "e": [[], {}]}] * 20}
    pretty = guest.one(json.dumps(document, indent=4))
    assert json.loads(pretty or b"") == document | {"a": "[REDACTED]"}


def test_memory_is_a_high_water_mark() -> None:
    guest = mask(("/**/a", pseudonym()), ("/b", partial(1, 1)))
    large = [b'{"a":"' + b"x" * 3000 + b'","b":"\\u0041bc","c":[1,2,3]}\n'] * 500
    sizes = []
    for _ in range(20):
        guest.transform(large)
        guest.transform([b"[]"])
        guest.transform([b'{"b":"' + b"\\u0041" * 20_000 + b'"}'] * 3 + [b"nope"] * 100)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]


def test_a_result_that_does_not_fit_refuses_its_message_alone() -> None:
    guest = mask(("/*", text("long " * 400)), memory=4 << 20)
    outputs = guest.transform([b"[1]", b"[" + b",".join([b"1"] * 100_000) + b"]", b"[2]"])
    assert [output.status for output in outputs] == [PASS, REFUSE, PASS]
    assert outputs[1].data == b"too_large"
    assert guest.report == {"a": 2}


# ---- Configurations that are refused


def configuration(**treatment: Any) -> dict[str, Any]:
    return {"unlisted": "keep", "rules": [{"name": "a", "paths": ["/a"], "treatment": treatment}]}


REVEAL = configuration(kind="reveal", of="siv", domain="d", keys={"k": "long"})
TWICE = json.dumps(REVEAL).replace('"long"', '"long", "k": "huge"').encode()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (b"{", "configuration: not JSON at byte 1"),
        (b'{"unlisted":"keep","rules":[],"rules":[]}', "configuration: not JSON at byte 30"),
        ([], "configuration: must be an object"),
        ({"unlisted": "keep"}, "configuration: needs the key `rules`"),
        ({"rules": []}, "configuration: needs the key `unlisted`"),
        ({"unlisted": "pass", "rules": []}, "unlisted: must be one of keep, drop, refuse"),
        ({"unlisted": "keep", "rules": [], "x": 1}, "configuration: has no key `x`; it has unlisted, rules"),
        ({"unlisted": "keep", "rules": {}}, "rules: must be an array"),
        ({"unlisted": "keep", "rules": [{"paths": []}]}, "rules[0]: needs the key `name`"),
        (configuration(), "rules[0].treatment: needs the key `kind`"),
        (configuration(kind="hide"),
         "rules[0].treatment.kind: must be one of keep, reveal, shuffle, partial, truncate, fixed, noise, shift_date, "
         "date, bucket, ip_prefix, ff1, siv, hmac, name, email, choose, text, redact, nullify, drop"),
        (configuration(kind="keep", mask="*"), "rules[0].treatment: has no key `mask`; it has kind"),
        (configuration(kind="text"), "rules[0].treatment: needs the key `text`"),
        (configuration(kind="partial", keep_last=-1),
         "rules[0].treatment.keep_last: must be an integer from 0 to 1048576"),
        (configuration(kind="partial", keep_first=1.5),
         "rules[0].treatment.keep_first: must be an integer from 0 to 1048576"),
        (configuration(kind="partial", mask="**"), "rules[0].treatment.mask: must be one character"),
        (configuration(kind="partial", mask=""), "rules[0].treatment.mask: must be one character"),
        (configuration(kind="hmac", secret="long"), "rules[0].treatment: needs the key `domain`"),
        (configuration(kind="hmac", secret="long", domain="d", bytes=7),
         "rules[0].treatment.bytes: must be an integer from 8 to 32"),
        (configuration(kind="hmac", secret="long", domain="d\0"),
         "rules[0].treatment.domain: must not have the character U+0000, which stands between domain and value"),
        (configuration(kind="hmac", secret="none", domain="d"),
         "rules[0].treatment.secret: the secret `none` is not granted"),
        (configuration(kind="hmac", secret="short", domain="d"),
         "rules[0].treatment.secret: `short` has fewer than 16 bytes"),
        (TWICE, "configuration: not JSON at byte " + str(TWICE.rindex(b'"k"'))),
        (configuration(kind="reveal", of="siv", domain="d", keys={"k.1": "long"}),
         'rules[0].treatment.keys["k.1"]: must be 1 to 32 letters, digits, `_` and `-`'),
        (configuration(kind="ff1", secret="long", domain="d", tagged=False),
         "rules[0].treatment.secret: `long`: the key is one byte repeated"),
        (configuration(kind="ff1", secret="short", domain="d", tagged=False),
         "rules[0].treatment.secret: `short`: the key has 15 bytes; it must have 16, 24 or 32"),
        (configuration(kind="ff1", secret="long", domain="d", tagged=False, alphabet="text:aba"),
         "rules[0].treatment.alphabet: the alphabet has `a` twice"),
        (configuration(kind="bucket"), "rules[0].treatment: needs the key `size` or the key `edges`, and not both"),
        (configuration(kind="bucket", size=0), "rules[0].treatment.size: must be greater than 0"),
        (configuration(kind="bucket", edges=[2, 1]), "rules[0].treatment.edges: must ascend"),
        (configuration(kind="shift_date", secret="keys", domain="d", days=1, entity="id"),
         "rules[0].treatment.entity: `id` must be empty or begin with `/`"),
        (configuration(kind="noise", secret="keys", domain="d", by="much"),
         "rules[0].treatment.by: must be a number"),
        (configuration(kind="hmac", secret="long", domain="d"),
         "rules[0].treatment.secret: `long`: the key is one byte repeated"),
        (configuration(kind="hmac", secret="huge", domain="d"),
         "rules[0].treatment.secret: the secret `huge` has more than 4096 bytes"),
    ],
)  # fmt: skip
def test_a_configuration_is_refused_with_the_place_at_fault(given: object, error: str) -> None:
    secrets = {"short": b"x" * 15, "long": b"x" * 16, "huge": b"x" * 4097, "keys": b"keys" * 4}
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, given, secrets=secrets)
    assert str(refused.value) == error


@pytest.mark.parametrize(
    ("paths", "others", "error"),
    [
        (["a"], [], "rules[0].paths[0]: `a` must be empty or begin with `/`"),
        (["/x", "/a~"], [], "rules[0].paths[1]: `/a~` has a `~` that isn't one of `~0` (~), `~1` (/), `~2` (*)"),
        (["/a~3"], [], "rules[0].paths[0]: `/a~3` has a `~` that isn't one of `~0` (~), `~1` (/), `~2` (*)"),
        (["/a"], ["/a"], "rules[1].paths[0]: `/a` stands in the rule `first` too"),
        (["/**/a"], ["/**/**/a"], "rules[1].paths[0]: `/**/**/a` stands in the rule `first` too"),
        (["/a" * 513], [], f"rules[0].paths[0]: `{'/a' * 513}` is deeper than any message may be"),
    ],
)
def test_paths_that_are_refused(paths: list[str], others: list[str], error: str) -> None:
    rules = [{"name": "first", "paths": paths, "treatment": REDACT}, {"name": "b", "paths": others, "treatment": KEEP}]
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, {"unlisted": "keep", "rules": rules})
    assert str(refused.value) == error


@pytest.mark.parametrize("name", ["", "unlisted", "first"])
def test_names_of_rules_are_their_own(name: str) -> None:
    rules = [{"name": other, "paths": [], "treatment": REDACT} for other in ("first", name)]
    with pytest.raises(ConfigurationRefused, match=r"^rules\[1\]"):
        Guest(BUILD, {"unlisted": "keep", "rules": rules})


def test_a_policy_that_would_need_too_many_states_is_refused() -> None:
    with pytest.raises(ConfigurationRefused, match=r"^rules: the paths together need more than 4096 states"):
        mask(("/**/a" + "/*" * 14 + "/b", REDACT))
    with pytest.raises(ConfigurationRefused, match=r"^rules: the paths together need more than"):
        mask(([f"/**/k{i}/*/x" for i in range(300)], REDACT))


def test_names_in_the_report_are_escaped() -> None:
    rules = [{"name": 'a "b"\\\né', "paths": ["/a"], "treatment": REDACT}]
    guest = Guest(BUILD, {"unlisted": "keep", "rules": rules})
    guest.transform([b'{"a":1}'])
    assert guest.report == {'a "b"\\\né': 1}


def test_an_instance_can_be_configured_again_after_a_refusal() -> None:
    guest = mask(("/a", REDACT))
    assert guest.call("mg_configure", b"[]") == 1
    assert guest.error() == "configuration: must be an object"
    assert guest.call("mg_configure", json.dumps(configuration(kind="nullify")).encode()) == 0
    assert guest.error() == ""
    assert guest.one('{"a":1}') == b'{"a":null}'
