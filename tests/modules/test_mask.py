"""The committed mask.wasm: treatments and paths."""

import json

import pytest
from harness import DROP, Guest
from masking import (
    BUILD,
    KEEP,
    LEAVE_OUT,
    NULLIFY,
    REDACT,
    REDACTED,
    Treatment,
    digest,
    mask,
    partial,
    pseudonym,
    text,
)


def test_the_module_exports_the_abi_and_imports_secrets_alone() -> None:
    exports = {export.name for export in BUILD.module.exports}
    assert exports >= {"memory", "mg_alloc", "mg_configure", "mg_transform", "mg_error"}
    assert [(item.module, item.name) for item in BUILD.module.imports] == [("maskgate", "secret")]


def test_nothing_of_the_machine_that_built_it_is_in_the_module() -> None:
    wasm = (BUILD.folder / "mask.wasm").read_bytes()
    assert [word for word in (b"/root", b"/home", b"/work", b"/tmp", b".cargo", b"rustlib") if word in wasm] == []


# ---- Treatments

VALUES = ['"ada@example.org"', '""', "12.50", "-0", "true", "false", "null", "[1,[2]]", '{"b":{"c":"x"}}', "[]", "{}"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("treatment", "result"),
    [(REDACT, REDACTED), (NULLIFY, b"null"), (text('a "b"\\\n\u0001é'), b'"a \\"b\\"\\\\\\n\\u0001\xc3\xa9"')],
)
def test_a_fixed_replacement_takes_the_place_of_any_value(value: str, treatment: Treatment, result: bytes) -> None:
    guest = mask(("/a", treatment))
    assert guest.one(f'{{"x":1,"a":{value},"y":[2]}}\n') == b'{"x":1,"a":' + result + b',"y":[2]}'
    assert guest.report == {"a": 1}


@pytest.mark.parametrize("value", VALUES)
def test_keep_keeps_any_value_byte_for_byte(value: str) -> None:
    guest = mask(("/a", KEEP), unlisted="drop")
    assert guest.one(f'{{"x":1,"a":{value}}}') == f'{{"a":{value}}}'.encode()
    assert guest.report == {"a": 1, "unlisted": 1}


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ('{"a":1,"b":2,"c":3}', b'{"b":2,"c":3}'),
        ('{"b":2,"a":1,"c":3}', b'{"b":2,"c":3}'),
        ('{"b":2,"c":3,"a":1}', b'{"b":2,"c":3}'),
        ('{"a":1}', b"{}"),
        ('{"a":1,"a":[2],"b":3,"a":{"a":4}}', b'{"b":3}'),
        ('{ "a" : 1 , "b" : 2 }', b'{ "b" : 2 }'),
        ('{ "b" : 2 , "a" : 1 }', b'{ "b" : 2  }'),
    ],
)
def test_drop_takes_the_member_out_with_its_comma(message: str, result: bytes) -> None:
    assert mask(("/a", LEAVE_OUT)).one(message) == result


@pytest.mark.parametrize(
    ("paths", "result"),
    [(["/0"], b"[1,2,3]"), (["/3"], b"[0,1,2]"), (["/1", "/2"], b"[0,3]"), (["/*"], b"[]"), (["/0", "/1"], b"[2,3]")],
)
def test_drop_takes_items_out_of_arrays(paths: list[str], result: bytes) -> None:
    guest = mask((paths, LEAVE_OUT))
    assert guest.one("[0,1,2,3]") == result
    assert guest.report == {"a": 4 - len(json.loads(result))}


def test_dropping_the_whole_message_drops_the_message() -> None:
    guest = mask(("", LEAVE_OUT))
    assert guest.transform([b"{}\n", b"[]"]) == [(0, DROP, b""), (1, DROP, b"")]
    assert guest.report == {"a": 2}


@pytest.mark.parametrize(
    ("first", "last", "value", "result"),
    [
        (0, 4, '"4111 1111 1111 1234"', "***************1234"),
        (2, 0, '"4111"', "41**"),
        (1, 1, '"abc"', "a*c"),
        (2, 1, '"abc"', "***"),
        (4, 0, '"abcd"', "****"),
        (9, 9, '"ab"', "**"),
        (0, 0, '""', ""),
        (1, 1, '"ключ🗝 é日本"', "к*******本"),
        (0, 1, '"\\u006b\\ud83d\\uddddx\\n"', "***\n"),
        (1, 1, '"\\"a\\\\"', '"*\\'),
        (1, 0, '"\\u0000ab"', "\0**"),
        (1, 1, "12.50", "1***0"),
        (0, 1, "true", "***e"),
        (1, 0, '"' + "ж" * 100 + '"', "ж" + "*" * 99),
        (20, 20, '"' + "0123456789" * 10 + '"', "01234567890123456789" + "*" * 60 + "01234567890123456789"),
        (1, 1, '{"b":"c"}', "[REDACTED]"),
        (1, 1, "[]", "[REDACTED]"),
    ],
)
def test_partial_keeps_characters_at_the_ends(first: int, last: int, value: str, result: str) -> None:
    guest = mask(("/a", partial(first, last)))
    assert json.loads(guest.one(f'{{"a":{value},"b":1}}') or b"") == {"a": result, "b": 1}
    assert guest.report == {"a": 1}


@pytest.mark.parametrize("sign", ["x", '"', "\\", "\n", "•", "🔒", "é"])
def test_the_mask_of_a_partial_value_is_any_one_character(sign: str) -> None:
    result = mask(("/a", partial(1, 1, sign))).one('{"a":"abcdé"}')
    assert json.loads(result or b"") == {"a": "a" + sign * 3 + "é"}


@pytest.mark.parametrize("treatment", [partial(), pseudonym()])
def test_null_stays_null_where_a_value_would_be_shown_in_part_or_by_a_pseudonym(treatment: Treatment) -> None:
    guest = mask(("/a", treatment))
    assert guest.one('{"a": null }') == b'{"a": null }'
    assert guest.report == {}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('"ada@example.org"', b"ada@example.org"),
        ('"\\u0061da\\u0040example\\u002eorg"', b"ada@example.org"),
        ('"\\u00e9\\ud83d\\ude00\\/"', "é😀/".encode()),
        ('"' + "long " * 50 + '"', b"long " * 50),
        ('""', b""),
        ("12.50", b"12.50"),
        ("true", b"true"),
        ("[1,\n 2]", b"[1,\n 2]"),
        ('{"k" : "v"}', b'{"k" : "v"}'),
    ],
)
def test_hmac_is_of_the_domain_and_the_decoded_value(value: str, read: bytes) -> None:
    assert mask(("/a", pseudonym())).one(f'{{"a":{value}}}') == f'{{"a":"{digest(read)}"}}'.encode()


def test_hmac_has_as_many_bytes_as_asked_for_and_a_prefix() -> None:
    for size in (8, 31, 32):
        result = mask(("/a", pseudonym(bytes=size, prefix='u"é-'))).one('{"a":"x"}')
        assert json.loads(result or b"") == {"a": f'u"é-{digest(b"x", size)}'}


def test_hmac_takes_keys_longer_than_a_block_and_differs_between_domains() -> None:
    rules = [
        {"name": name, "paths": [f"/{name}"], "treatment": {"kind": "hmac", "secret": name, "domain": domain}}
        for name, domain in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    secrets = {"a": b"key" * 70, "b": b"keys" * 16, "c": b"keys" * 16}
    guest = Guest(BUILD, {"unlisted": "keep", "rules": rules}, secrets=secrets)
    result = json.loads(guest.one('{"a":"v","b":"v","c":"v"}') or b"")
    expected = {"a": (b"one", b"key" * 70), "b": (b"one", b"keys" * 16), "c": (b"two", b"keys" * 16)}
    assert result == {name: digest(b"v", 16, domain, key) for name, (domain, key) in expected.items()}
    assert guest.asked == ["a", "b", "c"]


# ---- Paths


@pytest.mark.parametrize(
    ("path", "message", "result"),
    [
        ("", '"x"', '"R"'),
        ("/", '{"":1,"a":2}', '{"":"R","a":2}'),
        ("/a~1b", '{"a/b":1,"a":{"b":2}}', '{"a/b":"R","a":{"b":2}}'),
        ("/a~0b", '{"a~b":1}', '{"a~b":"R"}'),
        ("/~01", '{"~1":1,"/":2}', '{"~1":"R","/":2}'),
        ("/~2", '{"*":1,"b":2}', '{"*":"R","b":2}'),
        ("/~2~2", '{"**":1,"b":2}', '{"**":"R","b":2}'),
        ("/a*", '{"a*":1,"ab":2}', '{"a*":"R","ab":2}'),
        ("/email", '{"em\\u0061il":1,"\\u0065mail":2,"e-mail":3}', '{"em\\u0061il":"R","\\u0065mail":"R","e-mail":3}'),
        ("/😀é", '{"\\ud83d\\ude00\\u00e9":1,"😀é":2}', '{"\\ud83d\\ude00\\u00e9":"R","😀é":"R"}'),
        ("/a", '{"a":1,"b":2,"a":{"x":3}}', '{"a":"R","b":2,"a":"R"}'),
        ("/a/b", '{"a":{"b":1},"a":{"b":2,"c":3}}', '{"a":{"b":"R"},"a":{"b":"R","c":3}}'),
        ("/1", '[0,1,{"1":2}]', '[0,"R",{"1":2}]'),
        ("/1", '{"1":1,"01":2}', '{"1":"R","01":2}'),
        ("/01", '[0,1]', "[0,1]"),
        ("/a/10", '{"a":[0,1,2,3,4,5,6,7,8,9,10]}', '{"a":[0,1,2,3,4,5,6,7,8,9,"R"]}'),
        ("/*", '{"a":1,"b":[2]}', '{"a":"R","b":"R"}'),
        ("/*/x", '[{"x":1},{"y":2},3,[4]]', '[{"x":"R"},{"y":2},3,[4]]'),
        ("/*/*", '{"a":{"b":1},"c":[2,3],"d":4}', '{"a":{"b":"R"},"c":["R","R"],"d":4}'),
        ("/**/x", '{"x":1,"a":{"x":2,"b":[{"x":3}]},"y":4}', '{"x":"R","a":{"x":"R","b":[{"x":"R"}]},"y":4}'),
        ("/**", "[1]", '"R"'),
        ("/a/**", '{"a":{"b":1},"b":2}', '{"a":"R","b":2}'),
        ("/a/**/b", '{"a":{"b":1,"c":{"b":2,"d":3}},"b":4}', '{"a":{"b":"R","c":{"b":"R","d":3}},"b":4}'),
        ("/**/a/b", '{"a":{"a":{"b":1},"b":2},"b":3}', '{"a":{"a":{"b":"R"},"b":"R"},"b":3}'),
        ("/**/**/x", '{"x":1,"a":{"x":2}}', '{"x":"R","a":{"x":"R"}}'),
        ("/**/a/*/c", '{"a":{"a":{"a":{"c":1}},"b":{"c":2}}}', '{"a":{"a":{"a":{"c":"R"}},"b":{"c":"R"}}}'),
        ("/customer_number", '{"customer_numbers":1,"customer_number":2,"customer_numbe":3}',
         '{"customer_numbers":1,"customer_number":"R","customer_numbe":3}'),
        ("/a_key_of_more_than_16_bytes", '{"a_key_of_more_than_70_bytes":1,"a_key_of_more_than_16_bytes":2}',
         '{"a_key_of_more_than_70_bytes":1,"a_key_of_more_than_16_bytes":"R"}'),
    ],
)  # fmt: skip
def test_paths(path: str, message: str, result: str) -> None:
    guest = mask((path, text("R")))
    assert guest.one(message) == result.encode()
    assert guest.report.get("a", 0) == result.count('"R"')


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 200])
def test_keys_of_any_length_are_told_from_those_beside_them(size: int) -> None:
    key = ("abcdefghijklmnopqrstuvwxyz" * 8)[:size]
    others = {key[:-1] + "#", "#" + key[1:], key + "x", key[: size // 2] + "#" + key[size // 2 + 1 :]} - {key}
    document = {key: 1} | dict.fromkeys(others, 2)
    masked = mask((f"/{key}", text("R"))).one(json.dumps(document))
    assert json.loads(masked or b"") == {key: "R"} | dict.fromkeys(others, 2)


def test_a_node_with_hundreds_of_keys_finds_each() -> None:
    keys = [f"{word}{i}" for i in range(300) for word in ("k", "customer_", "a_rather_long_field_name_")]
    guest = mask(([f"/{key}" for key in keys], text("R")), unlisted="drop")
    assert json.loads(guest.one(json.dumps(dict.fromkeys([*keys, "x", "k300"], 1))) or b"") == dict.fromkeys(keys, "R")
    assert guest.report == {"a": 900, "unlisted": 2}


@pytest.mark.parametrize(
    ("one", "other", "message", "result"),
    [  # what `one` matches becomes 1, what `other` matches 2; where both do, `one` is the more specific
        ("/a", "/*", '{"a":0,"b":0}', '{"a":"1","b":"2"}'),
        ("/a", "/**", '{"a":0}', '"2"'),
        ("/*/b", "/**/b", '{"b":0,"a":{"b":0,"c":{"b":0}}}', '{"b":"2","a":{"b":"1","c":{"b":"2"}}}'),
        ("/a/*", "/*/b", '{"a":{"b":0,"c":0},"d":{"b":0}}', '{"a":{"b":"1","c":"1"},"d":{"b":"2"}}'),
        ("/a/**/c", "/*/b/c", '{"a":{"b":{"c":0}},"d":{"b":{"c":0}}}', '{"a":{"b":{"c":"1"}},"d":{"b":{"c":"2"}}}'),
        ("/**/a", "/**/*/a", '{"a":0,"b":{"a":0}}', '{"a":"1","b":{"a":"1"}}'),
        ("/a/b", "/a/**/b", '{"a":{"b":0,"c":{"b":0}}}', '{"a":{"b":"1","c":{"b":"2"}}}'),
        ("/0", "/*", "[0,0]", '["1","2"]'),
    ],
)
def test_the_more_specific_path_decides(one: str, other: str, message: str, result: str) -> None:
    assert mask((one, text("1")), (other, text("2"))).one(message) == result.encode()
    assert mask((other, text("2")), (one, text("1"))).one(message) == result.encode()


STRICTER = [KEEP, partial(1), pseudonym(), text("x"), REDACT, NULLIFY, LEAVE_OUT]


@pytest.mark.parametrize("weak", range(6))
def test_where_neither_path_is_more_specific_the_stricter_treatment_decides(weak: int) -> None:
    message = '{"a":{"b":{"c":"value"}}}'
    one, other = ("/**/a/**/c", STRICTER[weak]), ("/**/b/**/c", STRICTER[weak + 1])
    result = mask(("/a/b/c", STRICTER[weak + 1])).one(message)
    assert mask(one, other).one(message) == result
    assert mask(other, one).one(message) == result


def test_between_two_as_strict_the_earlier_rule_decides() -> None:
    message = '{"a":{"b":{"c":"value"}}}'
    assert mask(("/**/b/**/c", text("1")), ("/**/a/**/c", text("2"))).one(message) == b'{"a":{"b":{"c":"1"}}}'


def test_a_treated_value_is_treated_whole_and_a_kept_one_is_gone_into() -> None:
    message = '{"a":{"b":1,"c":{"b":2}},"b":3}'
    assert mask(("/a", REDACT), ("/a/b", KEEP)).one(message) == b'{"a":"[REDACTED]","b":3}'
    kept = mask(("/a", KEEP), ("/**/b", text("R")), unlisted="drop")
    assert kept.one('{"a":{"b":1,"c":{"b":2,"d":3},"e":[]},"d":4}') == b'{"a":{"b":"R","c":{"b":"R","d":3},"e":[]}}'
    assert kept.report == {"a": 1, "b": 2, "unlisted": 1}
    inner = mask(("/a", KEEP), ("/a/c/b", LEAVE_OUT), ("/b", NULLIFY), unlisted="refuse")
    assert inner.one(message) == b'{"a":{"b":1,"c":{}},"b":null}'
    assert inner.report == {"a": 1, "b": 1, "c": 1}


def test_the_way_to_a_path_that_ends_beats_one_that_goes_on_for_any_number_of_levels() -> None:
    guest = mask(("/a", KEEP), ("/a/**", text("R")), unlisted="drop")
    assert guest.one('{"a":{"b":1,"c":[2]}}') == b'{"a":{"b":"R","c":"R"}}'
    assert guest.one('{"a":1}') == b'{"a":1}'
