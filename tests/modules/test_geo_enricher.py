"""The committed geo-enricher.wasm, in the gateway's sandbox: lookups beside Python's ipaddress; tables not in order."""

import csv
import io
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, ConfigurationRefused, Run, Sandboxed

MODULE = Sandboxed(MODULES / "geo-enricher")


def looking(table: str | bytes, folder: Path, **more: Any) -> Run:
    path = folder / "table.csv"
    path.write_bytes(table if isinstance(table, bytes) else table.encode())
    configuration = {"file": str(path), "field": "/k", "into": "/v"} | more
    return MODULE.run(configuration, grants=[f"fs:read:{path}"])


def found(result: Any) -> Any:
    assert isinstance(result, bytes), result
    return json.loads(result).get("v")


addresses = st.one_of(
    st.ip_addresses(),
    st.integers(0, 255).map(lambda last: ipaddress.ip_address(f"10.0.{last % 3}.{last}")),
    st.integers(0, 2**18).map(lambda low: ipaddress.ip_address((0x20010DB8 << 96) + (low << 78))),
    st.sampled_from(["0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]).map(
        ipaddress.ip_address
    ),
)
networks = st.tuples(addresses, st.integers(0, 128)).map(
    lambda pair: ipaddress.ip_network((pair[0], min(pair[1], pair[0].max_prefixlen)), strict=False)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(networks, max_size=12, unique=True), st.lists(addresses, min_size=1, max_size=12))
def test_any_networks_and_addresses(tmp_path_factory: Any, table: list[Any], asked: list[Any]) -> None:
    folder = tmp_path_factory.getbasetemp()
    run = looking("n,name\n" + "".join(f"{network},{network}\n" for network in table), folder)
    asked = asked + [network.broadcast_address for network in table]
    results = run.transform([json.dumps({"k": str(address)}).encode() for address in asked])
    for address, result in zip(asked, results, strict=True):
        mapped = getattr(address, "ipv4_mapped", None) or address
        within = [network for network in table if mapped in network]
        longest = max(within, key=lambda network: network.prefixlen, default=None)
        assert found(result) == (None if longest is None else {"name": str(longest)})


texts = st.text('ab,"\n é', min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(texts, st.text('a,"\n\r\\é😀', max_size=4), max_size=8),
    st.lists(texts, min_size=1, max_size=8),
    st.booleans(),
)
def test_any_keys_and_texts(tmp_path_factory: Any, table: dict[str, str], asked: list[str], prefix: bool) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n" if prefix else "\n")
    writer.writerows([["key", "value"], *table.items()])
    run = looking(out.getvalue(), tmp_path_factory.getbasetemp(), match="prefix" if prefix else "exact")
    results = run.transform([json.dumps({"k": text}).encode() for text in asked])
    for text, result in zip(asked, results, strict=True):
        keys = [key for key in table if text.startswith(key)] if prefix else [key for key in table if key == text]
        key = max(keys, key=len, default=None)
        assert found(result) == (None if key is None else {"value": table[key]})


@pytest.mark.parametrize(
    ("table", "more", "error"),
    [
        ("n,c\n1.2.3.4,a\n1.2.3,b\n", {}, "line 3 has a key that is no IP address and no IP prefix"),
        ("n,c\n1.2.3.0/33,a\n", {}, "line 2 has a key that is no IP address and no IP prefix"),
        ("n,c\n1.2.3.0/024,a\n", {}, "line 2 has a key that is no IP address and no IP prefix"),
        ("n,c\n1.2.3.0/+8,a\n", {}, "line 2 has a key that is no IP address and no IP prefix"),
        ("n,c\n::1/64,a\n", {}, "line 2 has a prefix with bits set beyond its length"),
        ("n,c\n::/64,a\n0::/64,a\n", {}, "line 3 has a key that is there already"),
        ('n,c\n"a\nb",1\n"a\nb",2\n', {"match": "exact"}, "line 4 has a key that is there already"),
        ("n,c\nsw1,1\nSW 1,2\n", {"match": "exact", "normalize": "postcode"}, "line 3 has a key that is there already"),
        ("n,c\n,1\n", {"match": "exact"}, "line 2 has an empty key"),
        ("n,c\n - ,1\n", {"match": "exact", "normalize": "postcode"}, "line 2 has an empty key"),
        ("n,c\na,1,2\n", {"match": "exact"}, "line 2 has not as many fields as the header"),
        ('n,c\na,"1\n', {"match": "exact"}, "line 2 has a quote that isn't closed"),
        ('n,c\na,"1"2\n', {"match": "exact"}, "line 2 has something between a closing quote and the next comma"),
        ('n,c\na,1"\n', {"match": "exact"}, "line 2 has a quote in a field without quotes"),
        ("n,c\na,1\rb,2\n", {"match": "exact"}, "line 2 has a carriage return alone"),
        (b"n,c\na,\xff\n", {"match": "exact"}, "line 2 isn't UTF-8"),
        ("n,c,c\n", {}, "line 1 has the column `c` twice (the second is number 3)"),
        ("n\n", {}, "line 1 has no column beside the key"),
        ("", {}, "line 1 has no column beside the key"),
        ("n,c\n", {"columns": ["d"]}, "line 1 has no column `d`"),
        ("n,c\n", {"numbers": ["n"]}, "`n` of `numbers` is no column that is added"),
        ("n,c\na,01\n", {"match": "exact", "numbers": ["c"]}, "line 2 has no number, as JSON writes it, in a column"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_in_order_is_refused_with_its_line(
    table: str | bytes, more: dict[str, Any], error: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        looking(table, tmp_path, **more)
    assert str(refused.value).startswith(f"file: {error}")


def test_a_byte_order_mark_and_empty_lines_are_read_past(tmp_path: Path) -> None:
    run = looking("\ufeffn,c\r\n\r\n10.0.0.0/8,a\r\n\n", tmp_path, columns=["n", "c"])
    assert run.one('{"k":"10.1.2.3"}') == b'{"k":"10.1.2.3","v":{"n":"10.0.0.0/8","c":"a"}}\n'


def test_a_file_that_is_not_granted_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("n,c\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("n,c\n", encoding="utf-8")
    configuration = {"file": str(tmp_path / "other.csv"), "field": "/k", "into": "/v"}
    for grants in ([], [f"fs:read:{path}"]):
        with pytest.raises(ConfigurationRefused, match=r"^the file `.*other\.csv` (is not granted|can't be opened)"):
            MODULE.run(configuration, grants=grants)
    assert MODULE.run(configuration, grants=[f"fs:read:{tmp_path / 'other.csv'}"]).one("{}") == b"{}\n"


def test_a_table_of_many_rows(tmp_path: Path) -> None:
    rows = [f"10.{i >> 8 & 255}.{i & 255}.0/24,{i}" for i in range(65_536)]
    run = looking("n,i\n" + "\n".join(rows), tmp_path, numbers=["i"])
    assert run.one('{"k":"10.200.7.9"}') == b'{"k":"10.200.7.9","v":{"i":%d}}\n' % (200 * 256 + 7)


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `field`"),
        ({"field": "/k"}, "configuration: needs the key `into`"),
        ({"field": "/k", "into": "/v"}, "configuration: needs the key `file`"),
        ({"field": "/k", "into": "/v", "file": "table.csv"}, "file: must be the absolute path of a file"),
        ({"field": "/k", "into": "", "file": "/t"}, "into: must name a member, at most 64 levels deep"),
        ({"field": "k", "into": "/v", "file": "/t"}, "field: `k` must be empty or begin with `/`"),
        ({"field": "/k", "into": "/v", "file": "/t", "match": "cidr"}, "match: must be one of ip, exact, prefix"),
        ({"field": "/k", "into": "/v", "file": "/t", "normalize": "postcode"},
         "normalize: is for `match: exact` and `match: prefix`"),
        ({"field": "/k", "into": "/v", "file": "/t", "columns": ["a", "a"]}, "columns[1]: is there twice"),
        ({"field": "/k", "into": "/v", "file": "/t", "missing": "drop"}, "missing: must be one of omit, null, refuse"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        MODULE.run(configuration)
    assert str(refused.value) == error


def test_any_bytes_pass_or_are_refused(tmp_path: Path) -> None:
    run = looking("n,c\n10.0.0.0/8,a\n", tmp_path, missing="null")

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
    def holds(batch: list[bytes]) -> None:
        for result in run.transform(batch):
            assert isinstance(result, tuple) or json.loads(result)["v"] is None  # type: ignore[arg-type]

    holds()
