"""Webhooks as GitHub documents them (https://docs.github.com/en/webhooks/webhook-events-and-payloads): invented people
in an invented repository, with the login in all the addresses where GitHub puts it, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

Json = dict[str, Any]

API, WEB = "https://api.github.com", "https://github.com"
_USER_LINKS = (
    "followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}", "subscriptions", "orgs",
    "repos", "events{/privacy}", "received_events",
)  # fmt: skip
_REPOSITORY_LINKS = (
    "forks", "keys{/key_id}", "collaborators{/collaborator}", "teams", "hooks", "issues/events{/number}", "events",
    "assignees{/user}", "branches{/branch}", "tags", "git/blobs{/sha}", "git/refs{/sha}", "statuses/{sha}", "languages",
    "stargazers", "contributors", "subscribers", "commits{/sha}", "comments{/number}", "contents/{+path}",
    "compare/{base}...{head}", "merges", "downloads", "issues{/number}", "pulls{/number}", "milestones{/number}",
    "labels{/name}", "releases{/id}", "deployments",
)  # fmt: skip


class Person(Struct, frozen=True, kw_only=True):
    login: str
    id: int
    name: str
    email: str


INES = Person(login="ines-demo-okafor", id=990_411_302, name="Ines Okafor", email="ines.okafor@mail.example")
MEI = Person(login="mei-demo-tanaka", id=990_782_114, name="田中 芽依", email="mei@tanaka.example")
LARS = Person(login="lars-demo-brandvold", id=990_155_909, name="Lars Brandvold", email="lars@brandvold.example")
PEOPLE = (INES, MEI, LARS)
REPOSITORY = "tea-kettle"
REPOSITORY_ID = 991_520_417
BEFORE, AFTER = "9c1d02be7a54f86317e2d5c0ab49f3e8617d24ca", "4be8a3170dfc5296e1b07d38c6f2a95b03e47d1f"


def personal() -> Iterator[str]:
    """What must not be found in what leaves: of everyone, and what leads to them."""
    for person in PEOPLE:
        yield from (person.login, person.name, person.email, str(person.id), person.name.split()[0])
    yield from (REPOSITORY, str(REPOSITORY_ID), BEFORE, AFTER, "github.com")


def messages() -> list[tuple[str, Json]]:
    """The events with their payloads, in the order in which they happen."""
    return [
        ("ping", _ping()),
        ("star", {"action": "created", "starred_at": _at(1), **_common(MEI)}),
        ("issues", _issues()),
        ("issue_comment", _issue_comment()),
        ("push", _push()),
        ("pull_request", _pull_request()),
        ("release", _release()),
    ]


# ---------------------------------------------------------------- events


def _ping() -> Json:
    return {
        "zen": "Speak like a human.",
        "hook_id": 770_118_204,
        "hook": {
            "type": "Repository",
            "id": 770_118_204,
            "name": "web",
            "active": True,
            "events": ["*"],
            "config": {"content_type": "json", "url": f"https://hooks.example/{INES.login}", "secret": "********"},
        },
        **_common(INES),
    }


def _issues() -> Json:
    return {"action": "opened", "issue": _issue(), **_common(MEI)}


def _issue_comment() -> Json:
    body = f"Thanks @{MEI.login}! I'd ask {LARS.name} <{LARS.email}>, he fixed that in #3 🙂"
    return {
        "action": "created",
        "issue": {**_issue(), "comments": 1},
        "comment": {
            "id": 992_007_551,
            "node_id": "IC_kwDOdemo1",
            "url": f"{_api()}/issues/comments/992007551",
            "html_url": f"{_web()}/issues/7#issuecomment-992007551",
            "user": _user(INES),
            "author_association": "OWNER",
            "body": body,
            "created_at": _at(3),
            "updated_at": _at(3),
            "reactions": {"url": f"{_api()}/issues/comments/992007551/reactions", "total_count": 1, "heart": 1},
        },
        **_common(INES),
    }


def _push() -> Json:
    message = f"Stop whistling at night\n\nFixes #7, as {MEI.login} asked.\nCo-authored-by: {MEI.name} <{MEI.email}>"
    commit = {
        "id": AFTER,
        "distinct": True,
        "message": message,
        "timestamp": "2026-03-02T15:20:41+01:00",
        "url": f"{_web()}/commit/{AFTER}",
        "author": {"name": LARS.name, "email": LARS.email, "username": LARS.login},
        "committer": {"name": LARS.name, "email": LARS.email, "username": LARS.login},
        "added": [f"people/{MEI.login}.md"],
        "removed": [],
        "modified": ["whistle.c", "whistle.h"],
    }
    return {
        "ref": f"refs/heads/{LARS.login}/quiet-nights",
        "before": BEFORE,
        "after": AFTER,
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{_web()}/compare/{BEFORE[:12]}...{AFTER[:12]}",
        "commits": [commit],
        "head_commit": commit,
        "pusher": {"name": LARS.login, "email": LARS.email},
        **_common(LARS),
    }


def _pull_request() -> Json:
    return {"action": "opened", "number": 8, "pull_request": _pull(), **_common(LARS)}


def _release() -> Json:
    return {
        "action": "published",
        "release": {
            "url": f"{_api()}/releases/994002",
            "id": 994_002,
            "tag_name": "v1.1.0",
            "name": f"Quiet nights, by {LARS.name}",
            "draft": False,
            "prerelease": False,
            "created_at": _at(6),
            "published_at": _at(6),
            "author": _user(INES),
            "assets": [{"name": "kettle.zip", "size": 18_421, "uploader": _user(INES)}],
            "body": f"With thanks to @{MEI.login} and @{LARS.login}\n\n{INES.name} <{INES.email}>",
        },
        **_common(INES),
    }


# ---------------------------------------------------------------- what they are made of


def _issue() -> Json:
    return {
        "url": f"{_api()}/issues/7",
        "html_url": f"{_web()}/issues/7",
        "id": 995_310_442,
        "node_id": "I_kwDOdemo1",
        "number": 7,
        "title": f"It wakes {MEI.name} at night",
        "user": _user(MEI),
        "labels": [_label()],
        "state": "open",
        "locked": False,
        "assignee": _user(LARS),
        "assignees": [_user(LARS)],
        "milestone": {"number": 1, "title": "Spring", "creator": _user(INES), "state": "open", "created_at": _at(0)},
        "comments": 0,
        "created_at": _at(2),
        "updated_at": _at(2),
        "closed_at": None,
        "author_association": "NONE",
        "body": f"Call me: {MEI.email}\r\n\r\n> 'the whistle' \\o/",
        "reactions": {"url": f"{_api()}/issues/7/reactions", "total_count": 0},
    }


def _label() -> Json:
    return {"id": 996_001, "url": f"{_api()}/labels/noise", "name": "noise", "color": "d73a4a", "default": False}


def _pull() -> Json:
    return {
        "url": f"{_api()}/pulls/8",
        "html_url": f"{_web()}/pull/8",
        "id": 997_640_218,
        "node_id": "PR_kwDOdemo1",
        "number": 8,
        "state": "open",
        "locked": False,
        "title": f"Quiet nights for {MEI.name}",
        "user": _user(LARS),
        "body": f"cc @{MEI.login}",
        "created_at": _at(5),
        "updated_at": _at(5),
        "closed_at": None,
        "merged_at": None,
        "assignees": [_user(LARS)],
        "requested_reviewers": [_user(MEI)],
        "labels": [_label()],
        "draft": False,
        "head": {
            "label": f"{LARS.login}:{LARS.login}/quiet-nights",
            "ref": f"{LARS.login}/quiet-nights",
            "sha": AFTER,
            "user": _user(LARS),
            "repo": _repository(LARS, REPOSITORY_ID + 1, fork=True),
        },
        "base": {
            "label": f"{INES.login}:main",
            "ref": "main",
            "sha": BEFORE,
            "user": _user(INES),
            "repo": _repository(INES, REPOSITORY_ID),
        },
        "author_association": "CONTRIBUTOR",
        "merged": False,
        "mergeable_state": "clean",
        "merged_by": None,
        "comments": 0,
        "review_comments": 0,
        "commits": 1,
        "additions": 12,
        "deletions": 31,
        "changed_files": 3,
    }


def _common(sender: Person) -> Json:
    return {"repository": _repository(INES, REPOSITORY_ID), "sender": _user(sender)}


def _user(person: Person) -> Json:
    api = f"{API}/users/{person.login}"
    return {
        "login": person.login,
        "id": person.id,
        "node_id": f"U_kgDO{person.id:x}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{person.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{WEB}/{person.login}",
        **{_key(link): f"{api}/{link}" for link in _USER_LINKS},
        "type": "User",
        "site_admin": False,
    }


def _repository(owner: Person, number: int, *, fork: bool = False) -> Json:
    full_name = f"{owner.login}/{REPOSITORY}"
    return {
        "id": number,
        "node_id": f"R_kgDO{number:x}",
        "name": REPOSITORY,
        "full_name": full_name,
        "private": True,
        "owner": _user(owner),
        "html_url": f"{WEB}/{full_name}",
        "description": f"{owner.name}'s kettle",
        "fork": fork,
        "url": f"{API}/repos/{full_name}",
        **{_key(link): f"{API}/repos/{full_name}/{link}" for link in _REPOSITORY_LINKS},
        "ssh_url": f"git@github.com:{full_name}.git",
        "created_at": "2021-11-05T08:00:00Z",
        "pushed_at": _at(4),
        "size": 318,
        "stargazers_count": 41,
        "language": "C",
        "default_branch": "main",
    }


def _key(link: str) -> str:
    """`issues/events{/number}` is called `issues_events_url`."""
    return f"{link.partition('{')[0].strip('/').replace('/', '_')}_url"


def _at(minute: int) -> str:
    return f"2026-03-02T14:{minute:02}:07Z"


def _api() -> str:
    return f"{API}/repos/{INES.login}/{REPOSITORY}"


def _web() -> str:
    return f"{WEB}/{INES.login}/{REPOSITORY}"
