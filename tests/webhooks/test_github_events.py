"""Of all example webhooks of GitHub's, nobody can be recognised in what leaves, and what leaves is of use."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from examples import Example
from lake import ROOT, Lake, Passed
from people import disguises, people

WORDS = frozenset(
    word
    for line in (Path(__file__).parent / "words.txt").read_text("utf-8").splitlines()
    for word in line.partition("#")[0].split()
)
STREAM = yaml.safe_load((ROOT / "policies/streams/github-events.yaml").read_text("utf-8"))
CLEAR = [path.split("/")[1:] for path, name in STREAM["fields"].items() if name in ("public", "event.time")]
NAMES = {part for path in STREAM["fields"] for part in path.split("/")[1:]} - {"*"}

PSEUDONYM = re.compile(r"(?:login|account|email|repository|commit|branch|id|name)_[0-9a-f]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
DATE = re.compile(r"\d{4}-\d\d-\d\d\*+")
COLOUR = re.compile(r"[0-9a-f]{6}")

Path_ = tuple[str, ...]


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value that isn't a container, with its path; items of a list under their index."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(child, (*path, str(key)))
    else:
        yield path, value


def paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The path of every value, empty containers among them."""
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(child, (*path, str(key)))


def listed(path: Path_) -> bool:
    """Whether the policy lets what is at the path leave in clear. No path of its has `**`."""
    return any(
        len(pattern) == len(path) and all(one in ("*", other) for one, other in zip(pattern, path, strict=True))
        for pattern in CLEAR
    )


def test_every_example_passes_or_is_refused_with_a_reason(
    payloads: list[Example], answers: tuple[list[httpx.Response], list[str]]
) -> None:
    sent, lines = answers
    assert len({example.event for example in payloads}) >= 40
    for example, answer in zip(payloads, sent, strict=True):
        if answer.status_code != 200:
            assert answer.status_code in (400, 422), example.name
            assert answer.json()["code"], example.name
    assert len(lines) == sum(answer.status_code == 200 for answer in sent)
    assert len(lines) == len(payloads)  # none of today's is refused


def test_no_name_login_or_mail_leaves_in_any_disguise(passed: list[Passed]) -> None:
    names = frozenset().union(*(people(one.example.payload).names for one in passed))
    assert {"Codertocat", "Octocoders", "Codertocat@Octocoders.io"} <= names
    texts = [(one.example.name, _text(one.value)) for one in passed]
    everything = "\n".join(text for _, text in texts)
    lowered = everything.lower()
    for name in sorted(names):
        word = re.compile(rf"(?<![0-9a-z]){re.escape(name.lower())}(?![0-9a-z])")
        found = [example for example, text in texts if word.search(text.lower())] if word.search(lowered) else []
        assert not found, f"{name!r} is in {found[:5]}"
        if len(name) >= 6:
            assert name.lower() not in lowered, name
        for disguise in disguises(name):
            assert disguise not in everything, f"{name!r} as {disguise!r}"


def test_nothing_leaves_that_leads_to_a_person(passed: list[Passed]) -> None:
    handles = frozenset().union(*(people(one.example.payload).handles for one in passed))
    numbers = frozenset().union(*(people(one.example.payload).numbers for one in passed))
    text = "\n".join(_text(one.value) for one in passed)
    tokens = set(re.findall(r"[^\s\"]+", text))
    assert not sorted(handles & tokens)
    assert not [handle for handle in handles if len(handle) >= 8 and handle in text]
    assert not re.search(r"@|://|//|github\.com", text)
    # Accounts 1, 2 and 4 of GitHub's examples are also how many files somebody changed.
    assert {"21031067", "38302899"} <= numbers
    assert not sorted(number for number in numbers & tokens if len(number) > 2)


def test_what_leaves_in_clear_is_a_word_a_time_or_a_number(passed: list[Passed]) -> None:
    """Each string of the output is a pseudonym, a mask, a time, or one of the words that somebody has read."""
    seen = set()
    for one in passed:
        for path, value in leaves(one.value):
            if not isinstance(value, str):
                assert value is None or listed(path), f"{one.example.name}: {path}"
            elif PSEUDONYM.fullmatch(value) or value == "[REDACTED]" or DATE.fullmatch(value):
                continue
            elif TIME.fullmatch(value) or (path[-1] == "color" and COLOUR.fullmatch(value)):
                assert listed(path), f"{one.example.name}: {path}"
            else:
                assert listed(path), f"{one.example.name}: {path}"
                seen.add(value)
    assert sorted(seen - WORDS) == []


def test_names_of_fields_are_those_of_the_policy(passed: list[Passed]) -> None:
    """So no payload can choose one. But for the top level, which GitHub names; there, nobody's name may be one."""
    names = frozenset().union(*(people(one.example.payload).names for one in passed))
    for one in passed:
        assert not names & one.value.keys()
        for path in paths(one.value):
            assert set(path[1:]) <= NAMES | {part for part in path if part.isdecimal()}, one.example.name


def test_a_stranger_anywhere_else_does_not_get_through(payloads: list[Example], tmp_path: Path) -> None:
    """Every string of every payload is made somebody's name, and every object has a field more, named after somebody.

    Only at the paths that the policy lets leave in clear do the names come out, whatever GitHub may put elsewhere.
    """
    marked = [_mark(example.payload, f"stranger{number}x") for number, example in enumerate(payloads)]
    lake = Lake(tmp_path)
    sent = lake.send(payload for payload, _ in marked)
    assert {answer.status_code for answer in sent} == {200}
    for (_, places), line in zip(marked, lake.lines(), strict=True):
        for found in re.findall(r"stranger\d+x\d+", line):
            assert listed(places[found]), places[found]


def test_analysts_can_still_count_by_person_and_repository(passed: list[Passed]) -> None:
    """One pseudonym for one login, in whatever place, and two for two."""
    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in passed:
        for kind, path in (
            ("login", ("sender", "login")),
            ("login", ("pull_request", "user", "login")),
            ("login", ("pusher", "name")),
            ("login", ("repository", "owner", "login")),
            ("repository", ("repository", "id")),
            ("repository", ("pull_request", "head", "repo", "id")),
            ("commit", ("pull_request", "head", "sha")),
            ("commit", ("after",)),
        ):
            raw, masked = _at(one.example.payload, path), _at(one.value, path)
            if raw is not None:
                pairs[kind].add((str(raw), masked))
    for kind, found in pairs.items():
        assert len(found) > 5, kind
        assert len({raw for raw, _ in found}) == len(found) == len({masked for _, masked in found}), kind


@pytest.mark.parametrize(
    ("event", "needed"),
    [
        ("push", ["forced", "ref", "after", "pusher/name", "repository/id", "repository/pushed_at"]),
        ("pull_request", ["action", "pull_request/user/login", "pull_request/additions", "pull_request/created_at"]),
        ("pull_request_review", ["review/state", "review/submitted_at", "review/user/login", "pull_request/number"]),
        ("issues", ["action", "issue/number", "issue/user/login", "repository/full_name"]),
        ("workflow_run", ["workflow_run/status", "workflow_run/head_branch", "workflow_run/event"]),
        ("workflow_job", ["workflow_job/status", "workflow_job/name", "workflow_job/started_at"]),
        ("deployment_status", ["deployment_status/state", "deployment/environment"]),
        ("check_run", ["check_run/status", "check_run/name", "check_run/head_sha"]),
        ("star", ["action", "sender/login", "repository/id"]),
    ],
)
def test_what_is_needed_is_there(passed: list[Passed], event: str, needed: list[str]) -> None:
    found = [one for one in passed if one.example.event == event]
    assert found
    for one in found:
        for path in needed:
            assert _at(one.value, tuple(path.split("/"))) is not None, f"{one.example.name}: {path}"


def _text(value: Any) -> str:
    """Every value on a line of its own, decoded: no escape hides anything. The names of fields have their own test."""
    return "\n".join(leaf if isinstance(leaf, str) else json.dumps(leaf) for _, leaf in leaves(value))


def _at(value: Any, path: Path_) -> Any:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _mark(payload: Any, prefix: str) -> tuple[Any, dict[str, Path_]]:
    """A copy with a name of its own for every string, and where each name stands."""
    places: dict[str, Path_] = {}

    def name(path: Path_) -> str:
        made = f"{prefix}{len(places)}"
        places[made] = path
        return made

    def walk(value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            made = {key: walk(child, (*path, key)) for key, child in value.items()}
            if path:
                made[name((*path, "?"))] = {"login": name((*path, "?", "login")), "state": name((*path, "?", "state"))}
                made["nickname"] = name((*path, "nickname"))
            return made
        if isinstance(value, list):
            return [walk(child, (*path, str(index))) for index, child in enumerate(value)]
        return name(path) if isinstance(value, str) else value

    return walk(payload, ()), places
