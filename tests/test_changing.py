"""Modules that are changed while messages flow: upgrade, rollback, trial, unload; through HTTP, with the record."""

from __future__ import annotations

import asyncio
import base64
import errno
import json
import shutil
import threading
import time
from typing import Any

import httpx
import pytest

from gateway.bench.answers import NAME, order, wasm
from gateway.policy.load import load
from gateway.registry import envelope
from gateway.registry.folder import FolderRegistry
from gateway.registry.published import Published
from gateway.registry.store import ModuleStore
from tests import versions
from tests.building import SECURITY, SIGNING_KEY, Place
from tests.conftest import Client, serving

pytestmark = pytest.mark.anyio

ORDER = json.dumps({"order_id": "o-1"})


async def change(client: Client, key: str = SECURITY, module: str = NAME, **asked: Any) -> httpx.Response:
    return await client.http.post(f"/v1/modules/{module}", json=asked, headers={"authorization": f"Bearer {key}"})


async def shown(client: Client, module: str = NAME) -> dict[str, Any]:
    answer = await client.http.get("/v1/modules", headers={"authorization": f"Bearer {SECURITY}"})
    return next(row for row in answer.json()["modules"] if row["module"] == module)


def delivered(client: Client) -> list[str]:
    """The ids that came out, in order."""
    return [json.loads(line)["order_id"] for line in client.place.delivered("crm").splitlines()]


async def settled(client: Client, version: str) -> None:
    """Wait until a canary's verdict has put `version` in force, or left it there."""
    async with asyncio.timeout(20):
        while True:
            row = await shown(client)
            if row["canary"] is None and row["version"] == version:
                return
            await asyncio.sleep(0.02)


async def test_upgrade_and_rollback(place: Place) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        for asked, version in (
            ({"action": "upgrade", "version": "1.1.0"}, "1.1.0"),
            ({"action": "rollback"}, "1.0.0"),
            ({"action": "rollback"}, "1.1.0"),
        ):
            answer = await change(client, **asked)
            assert answer.status_code == 200, answer.text
            assert answer.json()["modules"][0]["version"] == version
            assert (await client.post("orders", ORDER, key)).status_code == 200
            (decision, *_) = await client.decisions(producer="answering")
            assert {step["version"] for step in decision["plans"][0]["steps"] if step["module"] == NAME} == {version}
            assert decision["revision"] == client.gateway.snapshot.revision
            assert place.read("modules.lock")["modules"][NAME]["version"] == version
        assert delivered(client) == ["1.1.0", "1.0.0", "1.1.0"]


async def test_who_changed_what_is_in_the_log(place: Place) -> None:
    versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        await change(client, action="upgrade", version="1.1.0")
        (decision,) = [decision for decision in await client.decisions() if "change" in decision]
        assert decision["change"] == {
            "user": "security", "module": NAME, "action": "upgrade", "before": "1.0.0", "version": "1.1.0",
        }  # fmt: skip
        assert decision["policies"] == ["security-runs-the-gateway"]
        assert decision["credential"] == "example"
        assert decision["revision"] == client.gateway.snapshot.revision


async def test_a_change_that_cant_be_recorded_isnt_made(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        before = (place.policies / "modules.lock").read_bytes()
        with monkeypatch.context() as patched:
            patched.setattr(client.gateway.store, "append", lambda *given: 1 / 0)
            answer = await change(client, action="upgrade", version="1.1.0")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
        assert (place.policies / "modules.lock").read_bytes() == before
        assert (await client.post("orders", ORDER, key)).status_code == 200
        assert delivered(client) == ["1.0.0"]


async def test_a_change_that_cant_be_written_isnt_recorded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:

        def full(*given: Any, **options: Any) -> Any:
            raise OSError(errno.ENOSPC, "No space left on device")

        for function in ("tempfile.mkstemp", "os.fsync"):
            with monkeypatch.context() as patched:
                patched.setattr(f"gateway.registry.lock.{function}", full)
                answer = await change(client, action="upgrade", version="1.1.0")
            assert (answer.status_code, answer.json()["code"]) == (409, "not_changeable")
            assert "modules.lock can't be written (No space left on device)" in answer.json()["detail"]
        assert [decision for decision in await client.decisions() if "change" in decision] == []
        assert (await client.post("orders", ORDER, key)).status_code == 200
        assert delivered(client) == ["1.0.0"]
        assert not list(place.policies.glob(".modules.lock*"))


async def test_two_changes_at_once_come_one_after_the_other(place: Place) -> None:
    key = versions.install(place, "1.0.0", "1.1.0", "1.2.0")
    async with serving(place) as client:
        asked = [{"action": "upgrade", "version": f"1.{n % 3}.0"} for n in range(12)]
        rest = [client.post("orders", ORDER, key) for _ in range(20)]
        answers = await asyncio.gather(*(change(client, **one) for one in asked), *rest)
        assert {answer.status_code for answer in answers[12:]} == {200}
        assert {answer.status_code for answer in answers[:12]} <= {200, 409}
        changes = [decision["change"] for decision in reversed(await client.decisions()) if "change" in decision]
        assert len(changes) == sum(answer.status_code == 200 for answer in answers[:12])
        assert [one["before"] for one in changes] == ["1.0.0", *(one["version"] for one in changes[:-1])]
        assert place.read("modules.lock")["modules"][NAME]["version"] == changes[-1]["version"]
        assert client.gateway.snapshot.policy.lock[NAME].version == changes[-1]["version"]


async def test_the_policy_and_the_lock_change_at_once(place: Place) -> None:
    """Neither is lost, whichever comes first."""
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        for number in range(4):
            place.edit("streams/orders.yaml", "stream: orders", f"# edit {number}\nstream: orders")
            wanted = f"1.{(number + 1) % 2}.0"
            changed, reloaded = await asyncio.gather(
                change(client, action="upgrade", version=wanted), client.gateway.reload()
            )
            assert (changed.status_code, reloaded) == (200, True)
            assert client.gateway.snapshot.policy.lock[NAME].version == wanted
            assert client.gateway.snapshot.revision == load(place.policies, client.gateway.modules).policy_set.revision
            assert (await client.post("orders", ORDER, key)).status_code == 200
        assert delivered(client) == ["1.1.0", "1.0.0", "1.1.0", "1.0.0"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"action": "upgrade", "version": "1.0.0"}, "in force already"),
        ({"action": "upgrade", "version": "9.9.9"}, "isn't installed"),
        ({"action": "upgrade", "version": "../mask"}, "not a version"),
        ({"action": "rollback"}, "no version before"),
        ({"action": "promote"}, "no version is on trial"),
        ({"action": "withdraw"}, "no version is on trial"),
        ({"action": "canary", "version": "1.0.0", "share": 5}, "in force already"),
        ({"action": "canary", "version": "2.0.0", "share": 5}, "exports no memory"),
        ({"action": "upgrade", "version": "2.0.0"}, "exports no memory"),
        ({"action": "unload"}, "not in modules.lock"),
    ],
    ids=str,
)
async def test_what_cant_be_changed_changes_nothing(place: Place, asked: dict[str, Any], said: str) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    versions.add(place, "2.0.0", b"\0asm\1\0\0\0")
    async with serving(place) as client:
        before, revision = (place.policies / "modules.lock").read_bytes(), client.gateway.snapshot.revision
        answer = await change(client, **asked)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_changeable")
        assert said in answer.json()["detail"]
        assert (place.policies / "modules.lock").read_bytes() == before
        assert client.gateway.snapshot.revision == revision
        assert (await client.post("orders", ORDER, key)).status_code == 200
        assert delivered(client) == ["1.0.0"]


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"action":"delete"}', '{"action":"upgrade"}', '{"action":"rollback","version":"1.1.0"}',
        '{"action":"canary","version":"1.1.0"}', '{"action":"upgrade","version":"1.1.0","share":5}',
        '{"action":"rollback","errors":5}',
        '{"action":"canary","version":"1.1.0","share":0}',
        '{"action":"canary","version":"1.1.0","share":5,"errors":101}', '{"action":"rollback","force":true}',
    ],
)  # fmt: skip
async def test_what_isnt_a_change_is_a_400(client: Client, body: str) -> None:
    answer = await client.http.post("/v1/modules/mask", content=body, headers={"authorization": f"Bearer {SECURITY}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_who_may_not_manage_modules_changes_nothing(place: Place) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        for other, status in (("mg_example_auditor", 403), (key, 401), ("mg_nobody", 401)):
            assert (await change(client, other, action="upgrade", version="1.1.0")).status_code == status
        assert (await shown(client))["version"] == "1.0.0"


async def test_a_module_that_nothing_uses_can_be_unloaded(place: Place) -> None:
    versions.install(place, "1.0.0")
    (place.policies / "producers" / "answering.yaml").unlink()
    capabilities = place.policies / "capabilities.cedar"
    capabilities.write_text(
        capabilities.read_text().replace(f'principal == Module::"{NAME}"', 'principal == Module::"mask"')
    )
    async with serving(place) as client:
        assert (await change(client, action="unload")).json() == {"modules": []}
        assert NAME not in place.read("modules.lock")["modules"]
        assert (await client.post("orders", ORDER)).status_code == 200


async def test_a_module_that_is_used_cant(place: Place) -> None:
    async with serving(place) as client:
        answer = await change(client, module="extract", action="unload")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_changeable")
        assert "producers/web-shop.yaml" in answer.json()["detail"]


# ---------------------------------------------------------------- canaries


def same(place: Place, version: str, **manifest: Any) -> dict[str, str]:
    """A version that makes what 1.0.0 makes."""
    return versions.add(place, version, wasm(order("1.0.0"), "(nop)"), **manifest)


async def post(client: Client, key: str, times: int) -> None:
    for _ in range(times):
        assert (await client.post("orders", ORDER, key)).status_code == 200


async def test_a_version_that_makes_the_same_is_promoted(place: Place) -> None:
    key = versions.install(place, "1.0.0")
    same(place, "1.1.0")
    async with serving(place) as client:
        answer = await change(client, action="canary", version="1.1.0", share=50, requests=5)
        assert answer.json()["modules"][0]["canary"]["results"] == {"same": 0, "differs": 0, "failed": 0}
        (begun,) = [decision["change"] for decision in await client.decisions() if "change" in decision]
        assert begun == {
            "user": "security", "module": NAME, "action": "canary", "before": "1.0.0", "version": "1.0.0",
            "tried": "1.1.0",
        }  # fmt: skip
        await post(client, key, 10)
        await settled(client, "1.1.0")
        decisions = await client.decisions(producer="answering")
        tried = [decision["trial"] for decision in decisions if "trial" in decision]
        assert tried == [{"module": NAME, "version": "1.1.0", "result": "same", "taken": True}] * 5
        ran = [decision["plans"][0]["steps"][0]["version"] for decision in reversed(decisions)]
        assert ran == ["1.0.0", "1.1.0"] * 5
        (change_,) = [d["change"] for d in await client.decisions() if d.get("change", {}).get("action") == "promote"]
        assert (change_["user"], change_["before"], change_["version"]) == (None, "1.0.0", "1.1.0")
        assert place.read("modules.lock")["modules"][NAME]["previous"]["version"] == "1.0.0"


async def test_a_version_that_makes_something_else_is_withdrawn_and_nobody_gets_it(place: Place) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        await change(client, action="canary", version="1.1.0", share=100, requests=1000)
        await post(client, key, 3)
        await settled(client, "1.0.0")
        assert set(delivered(client)) == {"1.0.0"}
        trials = [decision["trial"] for decision in await client.decisions(producer="answering") if "trial" in decision]
        assert trials[-1] == {"module": NAME, "version": "1.1.0", "result": "differs", "taken": False}
        assert "canary" not in place.read("modules.lock")["modules"][NAME]


async def test_a_version_that_may_differ_goes_out_for_its_share(place: Place) -> None:
    key = versions.install(place, "1.0.0", "1.1.0")
    async with serving(place) as client:
        await change(client, action="canary", version="1.1.0", share=25, requests=100, differences=100)
        await post(client, key, 8)
        assert delivered(client) == ["1.0.0", "1.0.0", "1.0.0", "1.1.0"] * 2
        assert (await shown(client))["canary"]["results"]["differs"] == 2


@pytest.mark.parametrize("before", ["(unreachable)", "(loop $again (br $again))"], ids=["traps", "loops"])
async def test_a_version_that_fails_costs_nobody_a_message(place: Place, before: str) -> None:
    key = versions.install(place, "1.0.0")
    versions.add(place, "1.1.0", wasm(order("1.0.0"), before))
    async with serving(place) as client:
        await change(client, action="canary", version="1.1.0", share=100, requests=100, errors=1)
        await post(client, key, 4)
        await settled(client, "1.0.0")
        assert delivered(client) == ["1.0.0"] * 4
        trials = [decision["trial"] for decision in await client.decisions(producer="answering") if "trial" in decision]
        assert [trial["result"] for trial in trials] == ["failed"] * len(trials)
        assert len(trials) >= 2  # one failure is within one percent of a hundred


async def test_a_trial_goes_on_when_the_rest_of_the_policy_changes(place: Place) -> None:
    key = versions.install(place, "1.0.0")
    same(place, "1.1.0")
    async with serving(place) as client:
        await change(client, action="canary", version="1.1.0", share=100, requests=6)
        await post(client, key, 3)
        place.edit("streams/orders.yaml", "stream: orders", "# again\nstream: orders")
        assert await client.gateway.reload()
        assert (await shown(client))["canary"]["results"]["same"] == 3
        await post(client, key, 3)
        await settled(client, "1.1.0")


async def test_one_version_on_trial_at_a_time(place: Place) -> None:
    versions.install(place, "1.0.0")
    same(place, "1.1.0")
    async with serving(place) as client:
        assert (await change(client, action="canary", version="1.1.0", share=5)).status_code == 200
        answer = await change(client, module="mask", action="canary", version="1.1.0", share=5)
        assert answer.status_code == 409
        locked = place.read("modules.lock")
        locked["modules"]["mask"]["canary"] = {**locked["modules"][NAME]["canary"]}
        place.write("modules.lock", json.loads(json.dumps(locked)))
        assert not await client.gateway.reload()
        assert client.gateway.refused is not None
        assert "one at a time" in client.gateway.refused.reason


async def test_a_version_that_needs_more_than_it_may_hold_isnt_tried(place: Place) -> None:
    versions.install(place, "1.0.0")
    same(place, "1.1.0", capabilities={"required": ["clock"], "optional": []})
    async with serving(place) as client:
        answer = await change(client, action="canary", version="1.1.0", share=5)
        assert answer.status_code == 409
        assert f"module {NAME} needs clock" in answer.json()["detail"]
        place.permit(f'principal == Module::"{NAME}", action == Action::"hold", resource == Capability::"clock"')
        assert await client.gateway.reload()
        assert (await change(client, action="canary", version="1.1.0", share=5)).status_code == 200


# ---------------------------------------------------------------- installing


@pytest.fixture
def registry(place: Place) -> FolderRegistry:
    """A registry with two versions, which the policy set knows as `main`; the first is in force."""
    made = FolderRegistry(place.folder / "registry")
    versions.install(place, "1.0.0")
    store = ModuleStore(place.modules)
    place.sign(NAME, "1.0.0")
    made.publish(store.read(NAME, "1.0.0"), SIGNING_KEY)
    versions.add(place, "1.1.0", wasm(order("1.1.0")))
    place.sign(NAME, "1.1.0")
    made.publish(store.read(NAME, "1.1.0"), SIGNING_KEY)
    shutil.rmtree(place.modules / NAME / "1.1.0")
    public = base64.b64encode(envelope.public_of(SIGNING_KEY)).decode()
    trust = {**place.read("trust.yaml"), "registries": {"main": {"source": str(made.root), "ed25519": public}}}
    place.write("trust.yaml", trust)
    return made


async def install(client: Client, wanted: str, key: str = SECURITY, registry: str = "main") -> httpx.Response:
    asked = {"install": wanted, "registry": registry}
    return await client.http.post("/v1/modules", json=asked, headers={"authorization": f"Bearer {key}"})


async def test_install_then_upgrade(place: Place, registry: FolderRegistry) -> None:
    async with serving(place) as client:
        compiled = set((place.data / "compiled").glob("*.cwasm"))
        answer = await install(client, f"{NAME}@^1.0")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["version"], answer.json()["signed_by"], answer.json()["new"]) == (
            "1.1.0",
            ["tests"],
            True,
        )
        row = await shown(client)
        assert (row["version"], row["installed"]) == ("1.0.0", ["1.0.0", "1.1.0"])
        (decision,) = [decision for decision in await client.decisions() if "change" in decision]
        assert decision["change"] == {
            "user": "security", "module": NAME, "action": "install", "before": "1.0.0", "version": "1.0.0",
            "installed": "1.1.0",
        }  # fmt: skip
        assert len(set((place.data / "compiled").glob("*.cwasm")) - compiled) <= 1  # another test may have compiled it
        assert (await change(client, action="upgrade", version="1.1.0")).status_code == 200
        assert (await shown(client))["signed_by"] == ["tests"]


@pytest.mark.parametrize(
    ("wanted", "registry_name", "said"),
    [
        (f"{NAME}@2.0.0", "main", "no version 2.0.0"),
        ("nobody", "main", "no module nobody"),
        ("../mask", "main", "not a name"),
        (f"{NAME}@../1.0.0", "main", "not a version"),
        (NAME, "other", "names no such registry"),
        (NAME, "/srv/registry", "names no such registry"),
    ],
)
async def test_what_cant_be_installed(
    place: Place, registry: FolderRegistry, wanted: str, registry_name: str, said: str
) -> None:
    async with serving(place) as client:
        answer = await install(client, wanted, registry=registry_name)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_changeable")
        assert said in answer.json()["detail"]
        assert (await shown(client))["installed"] == ["1.0.0"]


async def test_what_doesnt_compile_isnt_installed(place: Place, registry: FolderRegistry) -> None:
    versions.add(place, "1.2.0", b"\0asm\1\0\0\0\1\1\1")
    place.sign(NAME, "1.2.0")
    registry.publish(ModuleStore(place.modules).read(NAME, "1.2.0"), SIGNING_KEY)
    shutil.rmtree(place.modules / NAME / "1.2.0")
    async with serving(place) as client:
        answer = await install(client, NAME)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_changeable")
        assert (await shown(client))["installed"] == ["1.0.0"]
        assert [decision for decision in await client.decisions() if "change" in decision] == []


async def test_installs_come_one_after_the_other(
    place: Place, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry that is slow holds up who wants something of it, and no thread but one."""
    registry.publish(ModuleStore(place.modules).read("mask"), SIGNING_KEY)
    at_once, alone = threading.Lock(), []
    fetch = FolderRegistry.fetch

    def noted(source: FolderRegistry, name: str, version: str) -> Published:
        first = at_once.acquire(blocking=False)
        alone.append(first)
        time.sleep(0.02)
        if first:
            at_once.release()
        return fetch(source, name, version)

    monkeypatch.setattr(FolderRegistry, "fetch", noted)
    async with serving(place) as client:
        answers = await asyncio.gather(*(install(client, one) for one in (NAME, "mask", NAME, "mask", "nobody")))
        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 409]
        assert alone == [True] * 4


async def test_who_may_not_manage_modules_installs_nothing(place: Place, registry: FolderRegistry) -> None:
    async with serving(place) as client:
        assert (await install(client, NAME, "mg_example_auditor")).status_code == 403
        assert (await client.http.post("/v1/modules", content=b"{}")).status_code == 401
        assert (await shown(client))["installed"] == ["1.0.0"]
