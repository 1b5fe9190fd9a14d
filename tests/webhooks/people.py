"""Who is in a payload: every value by which a person could be recognised, found by what it looks like.

The search knows nothing of the policy. It looks everywhere: at keys that hold people, at the addresses, at free text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

# Nobody's name, though the search takes it for one: in an address it stands where a login would.
NOBODY = frozenset({
    "orgs", "apps", "repos", "images", "advisories",  # pages of GitHub's own
})  # fmt: skip

_MAIL = re.compile(r"[A-Za-z0-9._%+\[\]-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_OWNER = re.compile(
    r"(?://(?:www\.)?github\.com|//raw\.githubusercontent\.com|//codeload\.github\.com|/repos|/users|/orgs)/([A-Za-z0-9][A-Za-z0-9\[\]-]*)"
)
_GIT = re.compile(r"git(?:@|://)[^/:]+(?::\d+)?[/:]([A-Za-z0-9-]+)/")
_MENTION = re.compile(r"(?<![\w/@.])@([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)\b(?![/.\w])")
_TRAILER = re.compile(r"^[A-Z][a-z]+(?:-[a-z]+)*-by: *([^<\n]+?) *<", re.MULTILINE)
_SHA = re.compile(r"\b[0-9a-f]{40}\b")
_URL = re.compile(r"\b(?:https?|git|ssh|svn)://[^\s\"'<>)]+")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?\b")


class People(NamedTuple):
    """Values as they stand in a payload."""

    names: frozenset[str]  # logins, names, addresses of mail: looked for in every disguise
    numbers: frozenset[str]  # of accounts, decimal
    handles: frozenset[str]  # node ids, commits, web and network addresses, keys: each leads to a person


def people(payload: Any) -> People:
    names, numbers, handles = set[str](), set[str](), set[str]()
    for node in _nodes(payload):
        if isinstance(node, dict):
            names.update(_named(node))
            if "login" in node and "id" in node:
                numbers.add(str(node["id"]))
            numbers.update(str(node[key]) for key in ("target_id", "owner_id") if isinstance(node.get(key), int))
            handles.update(
                str(node[key]) for key in ("node_id", "gravatar_id", "key") if isinstance(node.get(key), str)
            )
        elif isinstance(node, str):
            mails = _MAIL.findall(node)
            names.update(mails, (mail.rpartition("@")[2] for mail in mails))
            for pattern in (_OWNER, _GIT, _MENTION, _TRAILER):
                names.update(pattern.findall(node))
            for pattern in (_SHA, _URL, _ADDRESS):
                handles.update(pattern.findall(node))
    return People(
        names=frozenset(name for name in names if name and name not in NOBODY),
        numbers=frozenset(numbers),
        handles=frozenset(filter(None, handles)),
    )


def _named(node: dict[str, Any]) -> Iterator[str]:
    for key in ("login", "username", "email"):
        if isinstance(node.get(key), str):
            yield node[key]
    if ("email" in node or "login" in node) and isinstance(node.get("name"), str):
        yield node["name"]
    if isinstance(node.get("full_name"), str):
        yield node["full_name"]
        yield node["full_name"].partition("/")[0]
    if isinstance(node.get("namespace"), str):
        yield node["namespace"].partition("/")[0]
    actors = node.get("authorized_actor_names")
    if isinstance(actors, list):
        yield from actors


def _nodes(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def disguises(name: str) -> Iterator[str]:
    """What a name looks like encoded or hashed without a key. All but base64 in lowercase."""
    for form in {name, name.lower()}:
        raw = form.encode()
        yield raw.hex()
        yield quote(form, safe="").lower()
        for algorithm in ("md5", "sha1", "sha256"):
            yield hashlib.new(algorithm, raw).hexdigest()
        if len(raw) >= 6:
            for before in range(3):  # base64 of it within a longer text: without what its neighbours take part in
                text = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
                yield text[(0, 2, 3)[before] : len(text) - (1 if (before + len(raw)) % 3 else 0)]
