"""The committed xml-to-json.wasm: its cases, what expat says of random documents, bytes of no meaning, and limits."""

import json
import random
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, Result, Sandboxed

FOLDER = MODULES / "xml-to-json"
MODULE = Sandboxed(FOLDER)
KEPT = MODULE.run({})
AS_IT_IS = MODULE.run({"trim": False})


# ---- A reading of its own, by expat


class Element:
    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Element] = []
        self.text = ""

    def value(self) -> Any:
        members: dict[str, Any] = {f"@{name}": value for name, value in self.attributes.items()}
        for child in self.children:
            members.setdefault(child.name, []).append(child.value())
        members = {key: value[0] if isinstance(value, list) and len(value) == 1 else value
                   for key, value in members.items()}  # fmt: skip
        if not members:
            return self.text
        if self.text.strip(" \t\r\n") or (not self.children and self.text):
            members["#text"] = self.text
        return members


def by_expat(document: bytes) -> Any:
    """What the module with `trim: false` makes of it, or None where expat says that it isn't well-formed."""
    stack = [Element("", {})]

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append(Element(name, attributes))
        stack[-2].children.append(stack[-1])

    def text(data: str) -> None:
        stack[-1].text += data

    for separator in ("\x0c", None):  # prefixes are checked by the one, and kept by the other
        parser = expat.ParserCreate("utf-8", separator)
        if separator is None:
            parser.StartElementHandler = start
            parser.EndElementHandler = lambda name: stack.pop() and None
            parser.CharacterDataHandler = text
        try:
            parser.Parse(document, True)
        except expat.ExpatError:
            return None
    return stack[0].value()


def compare(document: bytes) -> None:
    result, expected = AS_IT_IS.one(document), by_expat(document)
    if expected is None:
        assert isinstance(result, tuple)
    else:
        assert isinstance(result, bytes), result
        assert json.loads(result) == expected


PIECES = [
    "<a>", "</a>", "<b>", "</b>", "<a/>", "<b />", "<a", ">", "/>", "</a >", ' x="1"', " y='2'", ' x=""', ' x = "3"',
    "<!--", "-->", "--", "<![CDATA[", "]]>", "]]", "]", "<?p", "?>", "<?p q?>", "text", " ", "\n", "\r\n", "\r", "\t",
    "&amp;", "&lt;", "&#65;", "&#xe9;", "&#0;", "&x;", "&", ";", "<", '"', "'", "é", "\u20ac", "\U0001f600", "\x7f",
    "\x0b", "\ufffe", "<n:a", "</n:a>", ' xmlns:n="u"', ' n:x="1"', "<n:a xmlns:n='u'>", "<c xml:lang='de'>", "</c>",
    '<?xml version="1.0"?>', "\ufeff", "=", "-", "1", ":", "<!", "<?", "<?xml?>", ' xmlns="d"', "<é>", "</é>", "\u0301",
]  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_pieces_of_documents_in_any_order(document: str) -> None:
    compare(document.encode())


@settings(max_examples=800, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_pieces_within_an_element(inner: str) -> None:
    compare(f'<r xmlns:n="u">{inner}</r>'.encode())


TEXTS = ["text", " ", "\n  ", "a &amp; b", "<![CDATA[<&>]]>", "<!-- c -->", "<?p?>", "é€😀", "x\r\ny"]


def random_element(chance: random.Random, depth: int) -> str:
    name = chance.choice(["a", "b", "long-name", "n:c", "é"])
    attributes = "".join(
        f' {key}="{chance.choice(["", "x", "&lt;é&#10;", "1  2", "a&#x20;"])}"'
        for key in ("k", "n:k")
        if chance.random() < 0.3
    )
    inner = "".join(
        chance.choice([
            lambda: random_element(chance, depth - 1) if depth else "",
            lambda: chance.choice(TEXTS),
        ])()
        for _ in range(chance.randrange(5))
    )  # fmt: skip
    return f"<{name}{attributes}>{inner}</{name}>" if inner or chance.random() < 0.5 else f"<{name}{attributes}/>"


def test_random_documents() -> None:
    chance = random.Random(11)
    for _ in range(800):
        compare(f'<r xmlns:n="u">{random_element(chance, 4)}</r>'.encode())


def test_documents_with_one_byte_changed() -> None:
    chance = random.Random(12)
    for _ in range(1500):
        document = bytearray(f'<r xmlns:n="u">{random_element(chance, 2)}</r>'.encode())
        document[chance.randrange(len(document))] = chance.choice(b"<>&;'\"=/ !-[]?x:#\x00\x80\xc3\xff")
        if b"<!D" not in document:
            compare(bytes(document))


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=60), st.sampled_from([b"", b"<a>", b"<?xml ", b"<a b='", b"<!DOCTYPE", b"<a>&#", b"<![CDATA["])
)
def test_bytes_of_no_meaning(data: bytes, before: bytes) -> None:
    result = KEPT.one(before + data)
    assert isinstance(result, tuple | bytes)
    assert isinstance(result, bytes) == (by_expat(before + data) is not None)


def test_every_character_that_a_name_or_a_text_may_have() -> None:
    def of(ranges: str) -> set[int]:
        pairs = (part.split("-") for part in ranges.split())
        return {c for pair in pairs for c in range(int(pair[0], 16), int(pair[-1], 16) + 1)}

    starts = of(  # as the recommendation lists them, without the colon
        "41-5A 5F 61-7A C0-D6 D8-F6 F8-2FF 370-37D 37F-1FFF 200C-200D 2070-218F "
        "2C00-2FEF 3001-D7FF F900-FDCF FDF0-FFFD 10000-EFFFF"
    )
    names = starts | of("2D 2E 30-39 B7 300-36F 203F-2040")
    texts = of("9 A D 20-D7FF E000-FFFD 10000-10FFFF")
    points = [
        *range(0x80),
        *range(0xA0, 0x3200, 7),
        *range(0xD700, 0xD800),
        *range(0xE000, 0x10100, 5),
        0xEFFFF,
        0xF0000,
        0x10FFFF,
    ]
    points += [
        edge + step for edge in (0xB7, 0x2FF, 0x37E, 0x2190, 0x3000, 0xF8FF, 0xFDD0, 0xFFFD) for step in (-1, 0, 1)
    ]
    points = [point for point in points if chr(point) not in "<>&/:= \t\r\n'\"!?"]
    results = KEPT.transform([f"<{chr(point)}/>".encode() for point in points])
    assert [isinstance(result, bytes) for result in results] == [point in starts for point in points]
    results = KEPT.transform([f"<a{chr(point)}/>".encode() for point in points])
    assert [isinstance(result, bytes) for result in results] == [point in names for point in points]
    results = KEPT.transform([f"<a>&#{point};</a>".encode() for point in points])
    assert [isinstance(result, bytes) for result in results] == [point in texts for point in points]
    results = KEPT.transform([f"<a>{chr(point)}</a>".encode() for point in points])
    assert [isinstance(result, bytes) for result in results] == [point in texts for point in points]


# ---- Limits


def deep(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


def test_512_elements_in_one_another() -> None:
    assert KEPT.one(deep(512)) == b'{"a":' * 512 + b'""' + b"}" * 512
    assert KEPT.one(deep(513)) == ("too_deep", 512 * 3)
    assert KEPT.one(b"<a>" * 1_000_000) == ("too_deep", 512 * 3)


HUGE: dict[str, tuple[bytes, Result]] = {
    "elements": (b"<r>" + b"<a/>" * 4_000_000 + b"</r>", ("too_large", 393_215 * 4 - 1)),
    "texts": (b"<r>" + b"<a>x</a>" * 1_500_000 + b"</r>", ("too_large", 0)),
    "names": (b"<r>" + b"".join(b"<n%07d/>" % i for i in range(800_000)) + b"</r>", ("too_large", 0)),
    "attributes": (b"<r " + b" ".join(b"n%07d='%d'" % (i, i) for i in range(400_000)) + b"/>", ("too_large", 0)),
    "a name": (b"<" + b"n" * 10_000_000 + b"/>", ("too_large", 1)),
    "prefixes": (b"<r " + b" ".join(b"xmlns:n%07d='u'" % i for i in range(400_000)) + b"/>", ("too_large", 0)),
    "a text": (b"<r>" + b"x" * 15_000_000 + b"</r>", b'{"r":"' + b"x" * 15_000_000 + b'"}'),
    "an escaped text": (b"<r>" + b"\n" * 15_000_000 + b"x</r>", b'{"r":"x"}'),
    "a text that grows": (b"<r>x" + b"\t" * 15_000_000 + b"x</r>", ("too_large", None)),
    "an end that is missing": (b"<r>" + b"<!--" * 4_000_000, ("xml_malformed", 9)),
    "references": (b"<r>" + b"&#x41;" * 2_500_000 + b"</r>", b'{"r":"' + b"A" * 2_500_000 + b'"}'),
}


@pytest.mark.parametrize("what", HUGE)
def test_a_document_of_megabytes_costs_itself_alone(what: str) -> None:
    document, expected = HUGE[what]
    run = MODULE.run({})
    before, result, after = run.transform([b"<a/>", document, b"<a>b</a>"])
    assert (before, after) == (b'{"a":""}', b'{"a":"b"}')
    if isinstance(expected, tuple) and expected[1] == 0:  # where exactly doesn't matter
        assert isinstance(result, tuple)
        assert result[0] == expected[0]
    else:
        assert result == expected
    assert run.one(b"<a>b</a>") == b'{"a":"b"}'


def test_a_split_document_may_have_any_number_of_elements() -> None:
    run = MODULE.run({"split": "/r/a"})
    (result,) = run.transform([b"<r>" + b"<a><b>1</b><c/></a>" * 50_000 + b"</r>"])
    assert result == [b'{"a":{"b":"1","c":""}}'] * 50_000
    assert run.report == {"records": 50_000}


def test_memory_is_a_high_water_mark() -> None:
    run = MODULE.run({})
    sizes = []
    for i in range(600):
        run.transform([f"<r><a{i} b='1'>text</a{i}><c>é&amp;</c></r>".encode()] * 20)
        sizes.append(run.guest.memory_size)
    assert sizes[-1] == sizes[300]
    assert sizes[-1] <= 8 << 20


def test_names_of_documents_before_mean_nothing_in_the_next() -> None:
    run = MODULE.run({})
    assert run.one(b"<n:a xmlns:n='u'><b></n:a>") == ("xml_malformed", 20)
    assert run.one(b"<n:a/>") == ("xml_namespace", 1)
    assert run.one(b"<a x='1'/>") == b'{"a":{"@x":"1"}}'
    assert run.one(b"<a x='1'/>") == b'{"a":{"@x":"1"}}'


def test_nothing_of_the_machine_that_built_it_is_in_the_module() -> None:
    wasm = MODULE.wasm.read_bytes()
    assert [word for word in (b"/root/", b"/home/", b"/work/", b"/tmp/", b"/usr/local") if word in wasm] == []
