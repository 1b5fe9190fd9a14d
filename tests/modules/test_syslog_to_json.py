"""The committed syslog-to-json.wasm: any structured data and text there and back, and bytes of no meaning."""

import json
import random

from converting import mutations, survives
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, Sandboxed

MODULE = Sandboxed(MODULES / "syslog-to-json")
names = st.text("".join(map(chr, range(33, 127))).translate({ord(c): None for c in '=]"'}), min_size=1, max_size=32)
texts = st.text(max_size=12)


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def parameter(pair: tuple[str, str]) -> str:
    return f' {pair[0]}="{escaped(pair[1])}"'


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 191),
    st.dictionaries(names, st.lists(st.tuples(names, texts), max_size=4), max_size=3),
    st.none() | texts.filter(lambda text: not text.endswith(("\r", "\n"))),
)
def test_any_data_and_text_come_back(priority: int, data: dict[str, list[tuple[str, str]]], text: str | None) -> None:
    elements = (f"[{name}{''.join(map(parameter, pairs))}]" for name, pairs in data.items())
    line = f"<{priority}>1 - - - - - {''.join(elements) or '-'}" + ("" if text is None else f" {text}")
    result = MODULE.run({}).one(line)
    assert isinstance(result, bytes)
    found = json.loads(result)
    expected = {}
    for name, pairs in data.items():
        gathered: dict[str, list[str]] = {}
        for key, value in pairs:
            gathered.setdefault(key, []).append(value)
        expected[name] = {key: values[0] if len(values) == 1 else values for key, values in gathered.items()}
    assert (found["priority"], found["facility"] * 8 + found["severity"]) == (priority, priority)
    assert found["structured_data"] == (expected or None)
    assert found["message"] == (text if text is None else text.removeprefix("\ufeff"))


def test_hostile_bytes_pass_or_are_refused() -> None:
    chance = random.Random(3)
    valid = [
        b'<165>1 2003-10-11T22:14:15.003Z h app 1 ID47 [a@1 b="c\\"" d="e"][f g="h"] \xef\xbb\xbftext',
        b"<13>1 - - - - - - {}",
        b"<34>Oct 11 22:14:15 mymachine su[1]: 'su root' failed",
    ]
    for config in ({}, {"rfc": "either"}, {"rfc": "either", "message": "json"}):
        good, bad = survives(MODULE.run(config), list(mutations(valid, chance, 4000)))
        assert good > 100
        assert bad > 100


def test_ten_thousand_parameters() -> None:
    pairs = "".join(f' k{number % 5000}="{number}"' for number in range(10_000))
    result = MODULE.run({}).one(f"<13>1 - - - - - [a{pairs}]")
    assert isinstance(result, bytes)
    assert json.loads(result)["structured_data"]["a"]["k7"] == ["7", "5007"]
