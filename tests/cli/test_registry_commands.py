"""Publishing, installing, inspecting and comparing modules, as a person does it."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from gateway.bench.answers import NAME, order, wasm
from gateway.cli.main import app
from tests import versions
from tests.building import ROOT, Place
from tests.sandbox.making import GUESTS


def run(place: Place, *arguments: str) -> Result:
    where = {"MASKGATE_POLICIES": str(place.policies), "MASKGATE_MODULES": str(place.modules)}
    return CliRunner().invoke(app, [*arguments], env=where)


def good(place: Place, *arguments: str) -> str:
    result = run(place, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def keys(place: Place) -> dict[str, Path]:
    """Files of private keys: the publisher's, which the policy set trusts, and the registry's."""
    made = {}
    for name in ("publisher", "registry"):
        made[name] = place.folder / f"{name}.pem"
        trusted = yaml.safe_load(good(place, "keys", "signing", str(made[name]), "--name", name))["keys"]
        if name == "publisher":
            trust = place.read("trust.yaml")
            place.write("trust.yaml", {**trust, "keys": trust["keys"] | trusted, "unsigned": "refuse"})
        else:
            source = {"source": str(place.folder / "registry"), "ed25519": trusted[name]["ed25519"]}
            place.write("trust.yaml", {**place.read("trust.yaml"), "registries": {"main": source}})
    return made


def published(place: Place, keys: dict[str, Path], *numbers: str) -> None:
    """Sign versions and publish them, from a module folder of their author's."""
    for number in numbers:
        versions.add(place, number, wasm(order(number)))
        good(place, "modules", "sign", f"{NAME}@{number}", "--key", str(keys["publisher"]))
        said = good(
            place, "modules", "publish", f"{NAME}@{number}", "--to", str(place.folder / "registry"),
            "--registry-key", str(keys["registry"]),
        )  # fmt: skip
        assert said == f"{NAME} {number}: published\n"
    (place.modules / NAME).rename(place.folder / "the author's")


def test_a_key_is_its_owners_alone_and_never_replaced(place: Place, keys: dict[str, Path]) -> None:
    assert stat.S_IMODE(keys["publisher"].stat().st_mode) == 0o600
    before = keys["publisher"].read_bytes()
    assert run(place, "keys", "signing", str(keys["publisher"])).exit_code == 1
    assert keys["publisher"].read_bytes() == before
    public = good(place, "keys", "public", str(keys["publisher"]), "--name", "publisher")
    assert yaml.safe_load(public)["keys"]["publisher"] == place.read("trust.yaml")["keys"]["publisher"] | {
        "modules": ["*"]
    }
    assert b"PRIVATE" not in public.encode()


def test_from_its_author_into_a_gateways_lock(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0", "1.1.0")
    assert good(place, "modules", "install", f"{NAME}@~1.0") == f"{NAME} 1.0.0: installed, signed by publisher\n"
    assert NAME not in place.read("modules.lock")["modules"]
    assert "is there already" in good(place, "modules", "install", f"{NAME}@1.0.0", "--use")
    assert place.read("modules.lock")["modules"][NAME]["version"] == "1.0.0"
    good(place, "modules", "install", NAME, "--use")
    locked = place.read("modules.lock")["modules"][NAME]
    assert (locked["version"], locked["previous"]["version"]) == ("1.1.0", "1.0.0")
    assert good(place, "modules", "verify", f"{NAME}@1.1.0") == f"{NAME} 1.1.0: signed by publisher\n"
    rows = {(row["module"], row["version"]): row for row in json.loads(good(place, "modules", "list", "--json"))}
    assert rows[NAME, "1.1.0"]["state"] == "yes"
    assert rows[NAME, "1.0.0"]["state"] == "before"
    assert rows["mask", "1.1.0"]["signed_by"] == ["tests"]
    assert good(place, "check") == "The policy set can be served.\n"


def test_what_the_lock_names_is_installed_anew(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0")
    good(place, "modules", "install", NAME, "--use")
    (place.modules / NAME).rename(place.folder / "lost")
    assert "installed" in good(place, "modules", "install")
    good(
        place,
        "modules",
        "yank",
        f"{NAME}@1.0.0",
        "--to",
        str(place.folder / "registry"),
        "--key",
        str(keys["registry"]),
    )
    (place.modules / NAME).rename(place.folder / "lost again")
    assert "installed" in good(place, "modules", "install")
    assert run(place, "modules", "install", NAME).exit_code == 1


def test_what_cant_be_published_or_had_says_why(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0")
    registry = str(place.folder / "registry")
    versions.add(place, "1.0.0", wasm(order("another")))
    for arguments, said in (
        (("publish", f"{NAME}@1.0.0", "--to", registry, "--registry-key", str(keys["registry"])), "is another one"),
        (("publish", f"{NAME}@2.0.0", "--to", registry), "isn't installed"),
        (("publish", "mask", "--to", "https://registry.example.com"), "is only read"),
        (("install", f"{NAME}@3.0.0"), "has no version 3.0.0"),
        (("install", f"{NAME}@newest"), "not a version"),
        (("install", "nobody"), "has no module nobody"),
        (("install", NAME, "--from", "gopher://here"), "isn't a kind of registry"),
        (("install", NAME), "is another one"),
        (("yank", f"{NAME}@9.0.0", "--to", registry, "--key", str(keys["registry"])), "has no version 9.0.0"),
        (("yank", f"{NAME}@1.0.0", "--to", registry, "--key", str(keys["publisher"])), "isn't signed by a key"),
        (("sign", "nobody", "--key", str(keys["publisher"])), "can't be read"),
        (("verify", f"{NAME}@1.0.0"), ""),
    ):
        result = run(place, "modules", *arguments)
        assert result.exit_code == 1, arguments
        assert said in result.stderr, arguments


def test_what_nobody_uses_any_more_can_go(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0", "1.1.0", "1.2.0")
    for number in ("1.0.0", "1.1.0", "1.2.0"):
        good(place, "modules", "install", f"{NAME}@{number}", "--use")
    assert good(place, "modules", "gc") == f"{NAME} 1.0.0\n"
    assert good(place, "modules", "gc", "--delete") == f"{NAME} 1.0.0\n"
    assert good(place, "modules", "gc") == ""
    assert sorted(path.name for path in (place.modules / NAME).iterdir() if path.is_dir()) == ["1.1.0", "1.2.0"]
    assert (place.modules / "mask" / "mask.wasm").exists()


def test_without_a_lock_nothing_is_deleted(place: Place, keys: dict[str, Path]) -> None:
    """A wrong folder names no version at all."""
    published(place, keys, "1.0.0")
    good(place, "modules", "install", NAME)
    for wrong in (place.folder / "nowhere", place.modules):
        result = run(place, "modules", "gc", "--delete", "--policies", str(wrong))
        assert result.exit_code == 1
        assert "modules.lock" in result.stderr
    assert (place.modules / NAME / "1.0.0" / f"{NAME}.wasm").exists()


def test_a_version_is_deleted_while_nobody_changes_the_lock(
    place: Place, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(place, keys, "1.0.0")
    good(place, "modules", "install", NAME)
    seen = []

    def removed(folder: Path, version: str) -> None:
        for held in (folder, place.policies):
            descriptor = os.open(held, os.O_RDONLY)
            with pytest.raises(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(descriptor)
        seen.append(f"{folder.name} {version}")

    monkeypatch.setattr("gateway.registry.layout.remove", removed)
    assert good(place, "modules", "gc", "--delete") == f"{NAME} 1.0.0\n"
    assert seen == [f"{NAME} 1.0.0"]


def test_an_address_of_trust_yaml_has_its_key(place: Place, keys: dict[str, Path]) -> None:
    """However it is named: what was withdrawn isn't to be had by writing the address."""
    published(place, keys, "1.0.0")
    registry = str(place.folder / "registry")
    good(place, "modules", "yank", f"{NAME}@1.0.0", "--to", registry, "--key", str(keys["registry"]))
    for written in ("main", registry, registry + "/"):
        result = run(place, "modules", "install", f"{NAME}@1.0.0", "--from", written)
        assert result.exit_code == 1
        assert "was withdrawn" in result.stderr


def test_what_was_installed_before_one_failed_is_said(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0")
    result = run(place, "modules", "install", NAME, "nobody")
    assert result.exit_code == 1
    assert result.stdout == f"{NAME} 1.0.0: installed, signed by publisher\n"
    assert "nobody" in result.stderr
    shown = run(place, "modules", "install", NAME, "nobody", "--json")
    assert [row["module"] for row in json.loads(shown.stdout)] == [NAME]


def test_a_version_that_isnt_installed_is_said_not_to_be(place: Place, keys: dict[str, Path]) -> None:
    published(place, keys, "1.0.0")
    good(place, "modules", "install", NAME)
    for wanted, said in (
        ("mask@9.9.9", "module mask: version 9.9.9 isn't installed; the author's is 1.1.0"),
        (f"{NAME}@9.9.9", f"module {NAME}: version 9.9.9 isn't installed; installed: 1.0.0"),
        (NAME, f"module {NAME}: there is no version of the author's; installed: 1.0.0"),
        ("nobody", "module nobody: manifest.yaml can't be read"),
    ):
        result = run(place, "modules", "inspect", wanted)
        assert result.exit_code == 1
        assert said in result.stderr


def test_a_name_that_trust_yaml_cant_have_is_refused(place: Place, keys: dict[str, Path]) -> None:
    for command, file in (("signing", place.folder / "new.pem"), ("public", keys["publisher"])):
        result = run(place, "keys", command, str(file), "--name", 'a": {}')
        assert result.exit_code == 2
        assert not (place.folder / "new.pem").exists()


def test_a_module_folder_that_isnt_there_is_named(place: Place) -> None:
    for command in ("list", "gc"):
        result = run(place, "modules", command, "--modules", str(place.folder / "nowhere"))
        assert isinstance(result.exception, SystemExit)
        assert (result.exit_code, "nowhere" in result.stderr) == (1, True)


HOSTILE = "[/]\x1b[2J[red]\x9b\u202e done"


def test_what_a_module_says_of_itself_is_shown_as_text(place: Place) -> None:
    """Neither rich nor the terminal obeys it."""
    versions.add(place, "1.0.0", wasm(order("1")))
    imports = b"\x02\x18\x01\x05[/]\x1bc\x0e[link=x]\x1b[2J\xc2\x9b\x00\x00"
    hostile = b"\0asm\1\0\0\0\x01\x04\x01\x60\0\0" + imports
    versions.add(place, "2.0.0", hostile, description=HOSTILE, language="[bold]")
    for arguments in (("list",), ("inspect", f"{NAME}@2.0.0"), ("diff", f"{NAME}@1.0.0", f"{NAME}@2.0.0")):
        said = good(place, "modules", *arguments)
        assert said.replace("\n", "").isprintable(), arguments
        assert "[bold]" in said
    assert "[/]\ufffd[2J[red]\ufffd\ufffd done" in good(place, "modules", "list")
    assert json.loads(good(place, "modules", "inspect", f"{NAME}@2.0.0", "--json"))["description"] == HOSTILE


def test_inspect_says_what_is_inside(place: Place) -> None:
    seen = json.loads(good(place, "modules", "inspect", "mask", "--json"))
    assert seen["imports"] == ["maskgate.secret (i32, i32, i32, i32) → i32"]
    assert "mg_transform (i32, i32) → i64" in seen["exports"]
    assert (seen["abi"], seen["kind"], seen["language"]) == ("maskgate/1", "module", "rust")
    assert (seen["optional"], seen["signed_by"]) == (["secret:*"], ["tests"])
    assert seen["size"] == (place.modules / "mask" / "mask.wasm").stat().st_size
    assert "mg_transform" in good(place, "modules", "inspect", "mask")
    (place.modules / "mask" / "mask.wasm").write_bytes(b"\0asm\1\0\0\0\2\xff")
    broken = run(place, "modules", "inspect", "mask")
    assert broken.exit_code == 1


def test_inspect_says_what_is_inside_a_component(place: Place) -> None:
    refusals = {"too_deep": {"status": 422, "title": "Too deep"}, "not_utf8": {"status": 400, "title": "Not UTF-8"}}
    place.add_guest("typed", GUESTS / "component.wat", manifest={"abi": "component", "refusals": refusals})
    seen = json.loads(good(place, "modules", "inspect", "typed", "--json"))
    assert (seen["kind"], seen["abi"], seen["memory"]) == ("component", "component", {"least": 2, "most": None})
    assert {"maskgate:transform/host@1.0.0 instance", "wasi:random/random@0.2.0 instance"} <= set(seen["imports"])
    assert {"configure", "transform"} <= set(seen["exports"])


def test_inspect_of_every_module_of_the_library(place: Place) -> None:
    for path in sorted((ROOT / "modules").glob("*/manifest.yaml")):
        name = path.parent.name
        seen = json.loads(good(place, "modules", "inspect", name, "--json", "--modules", str(ROOT / "modules")))
        assert "memory memory" in seen["exports"], name
        assert seen["sha256"] == json.loads(json.dumps(seen["sha256"]))
        assert seen["memory"]["least"] >= 1, name


def test_diff_says_first_what_is_asked_for(place: Place) -> None:
    versions.add(place, "1.0.0", wasm(order("1")))
    versions.add(
        place,
        "2.0.0",
        wasm(order("2")),
        capabilities={"required": ["clock"], "optional": ["http:*"]},
        refusals={"too_deep": {"status": 422, "title": "Too deep"}},
        config={"type": "object", "properties": {"depth": {"type": "integer"}}},
        produces="text/plain",
    )
    said = good(place, "modules", "diff", f"{NAME}@1.0.0", f"{NAME}@2.0.0").splitlines()
    assert said[:4] == [
        "required capabilities   ← asks for more", "  + clock",
        "optional capabilities   ← asks for more", "  + http:*",
    ]  # fmt: skip
    assert "  + too_deep (422)" in said
    assert "  - application/json" in said
    assert '  + /properties/depth/type: "integer"' in said
    back = json.loads(good(place, "modules", "diff", f"{NAME}@2.0.0", f"{NAME}@1.0.0", "--json"))
    assert not any(change["wants_more"] for change in back)
    assert good(place, "modules", "diff", f"{NAME}@1.0.0", f"{NAME}@1.0.0").startswith("No difference")
