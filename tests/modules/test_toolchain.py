"""What the modules are built with is pinned in one way, wherever that is written."""

import json

from sandboxed import MODULES

VERSIONS = dict(
    line.split("=", 1) for line in (MODULES / "toolchain" / "versions").read_text("utf-8").splitlines() if "=" in line
)


def test_npm_fetches_the_assemblyscript_of_the_versions_from_whatever_registry_there_is() -> None:
    folder = MODULES / "sdk" / "assemblyscript"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    assert wanted == {"assemblyscript": VERSIONS["ASSEMBLYSCRIPT"]}
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    assert packages[""]["dependencies"] == wanted
    assert packages["node_modules/assemblyscript"]["version"] == VERSIONS["ASSEMBLYSCRIPT"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")
