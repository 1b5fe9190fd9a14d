"""What tests are made from: the example policy set with the modules as they stand, and what a test adds to it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import wasmtime
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.config import Settings
from gateway.registry import envelope, signing
from gateway.registry.store import ModuleStore

ROOT = Path(__file__).parent.parent
MODULES = ("mask", "extract", "csv-to-json")
GUESTS = Path(__file__).parent / "guests"
WEB_SHOP, AUDITOR, SECURITY = "mg_example_web_shop", "mg_example_auditor", "mg_example_security"
SECRETS = {"pseudonym": b"0123456789abcdef0123456789abcdef", "github-webhook": b"It's a secret of the tests"}
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(b"a key for the tests: of 32 bytes")
# Machine code of the modules, for all tests of a run: compiling takes a process and some tenths of a second each.
COMPILED = tempfile.TemporaryDirectory()


class Place:
    """A folder with policies, modules and secrets of its own, that a gateway can be opened over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policies, self.modules = folder / "policies", folder / "modules"
        self.secrets, self.data = folder / "secrets", folder / "data"
        shutil.copytree(ROOT / "policies", self.policies, ignore=shutil.ignore_patterns("tests"))
        for name in MODULES:
            for file in ("manifest.yaml", f"{name}.wasm"):
                (self.modules / name).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / "modules" / name / file, self.modules / name / file)
            self.sign(name)
        public = base64.b64encode(envelope.public_of(SIGNING_KEY)).decode()
        self.write("trust.yaml", {"keys": {"tests": {"ed25519": public, "modules": ["*"]}}, "unsigned": "fresh"})
        store, locked = ModuleStore(self.modules), self.read("modules.lock")["modules"]
        locked = {name: {**store.lock_entry(name), "instances": locked[name]["instances"]} for name in MODULES}
        self.write("modules.lock", {"modules": locked})
        self.data.mkdir()
        (self.data / "compiled").symlink_to(COMPILED.name)
        self.secrets.mkdir(mode=0o700)
        for name, value in SECRETS.items():
            (self.secrets / name).write_bytes(value)

    def settings(self, **given: Any) -> Settings:
        return Settings(
            policies=self.policies,
            modules=self.modules,
            data=self.data,
            secrets=self.secrets,
            **{"watch": False, "port": 0, **given},
        )

    def read(self, file: str) -> Any:
        return yaml.safe_load((self.policies / file).read_text(encoding="utf-8"))

    def write(self, file: str, value: Any) -> None:
        (self.policies / file).write_text(yaml.safe_dump(value), encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text that stands once in a policy file."""
        text = (self.policies / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (self.policies / file).write_text(text.replace(old, new), encoding="utf-8")

    def add_guest(self, name: str, wat: Path, *, kept: bool = False, manifest: dict[str, Any] | None = None) -> None:
        """A module made of a .wat file, locked, and permitted to see everything."""
        module = name.replace("_", "-")
        folder = self.modules / module
        folder.mkdir()
        (folder / f"{module}.wasm").write_bytes(wasmtime.wat2wasm(wat.read_text(encoding="utf-8")))
        described = {
            "module": module,
            "version": "1.0.0",
            "abi": "maskgate/1",
            "scope": "message",
            "language": "wat",
            "description": "A guest of the tests",
            "accepts": ["application/json"],
            "produces": "application/json",
            "splits": False,
            "counters": [],
            "refusals": {},
            "capabilities": {"required": [], "optional": []},
            "config": {"type": "object"},
        } | (manifest or {})
        (folder / "manifest.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
        self._lock(module, kept)
        self.permit_reading(module)

    def add_module(self, name: str, *, reads: bool = True) -> None:
        """A module of the library, locked, kept, and by default permitted to see everything."""
        (self.modules / name).mkdir()
        for file in ("manifest.yaml", f"{name}.wasm"):
            shutil.copy(ROOT / "modules" / name / file, self.modules / name / file)
        self._lock(name, kept=True)
        if reads:
            self.permit_reading(name)

    def sign(self, module: str, version: str | None = None) -> None:
        """Sign a module as it stands with the tests' key, which their policy sets trust."""
        store = ModuleStore(self.modules)
        found = store.read(module, version)
        signed = signing.sign(module, found.version, found.manifest, found.wasm, SIGNING_KEY)
        (store.place(module, version) / "signatures.json").write_bytes(signed)

    def _lock(self, module: str, kept: bool) -> None:
        if kept:
            self.sign(module)
        locked = self.read("modules.lock")
        entry = ModuleStore(self.modules).lock_entry(module)
        locked["modules"][module] = {**entry, "instances": "kept" if kept else "fresh"}
        self.write("modules.lock", locked)

    def permit_reading(self, module: str) -> None:
        self.permit(f'principal == Module::"{module}", action == Action::"read", resource')

    def permit(self, scope: str) -> None:
        with (self.policies / "capabilities.cedar").open("a", encoding="utf-8") as file:
            file.write(f"\npermit ({scope});\n")

    def add_producer(
        self, name: str, stream: str, *modules: str, accept: tuple[str, ...] = ("application/json",)
    ) -> str:
        """A producer of the storefront team whose messages go through `modules`; its key."""
        key = f"mg_test_{name}"
        steps = [{"module": module.replace("_", "-"), "with": {}} for module in modules]
        producer = {
            "producer": name,
            "team": "storefront",
            "attributes": {"region": "eu"},
            "credentials": [{"kind": "api_key", "sha256": hashlib.sha256(key.encode()).hexdigest()}],
            "streams": {stream: {"accept": list(accept), "steps": steps}},
        }
        self.write(f"producers/{name}.yaml", producer)
        return key

    def delivered(self, destination: str) -> bytes:
        """All that a file destination has been given, in order."""
        files = sorted((self.data / "destinations" / destination).glob("*.*"), key=os.path.getmtime)
        return b"".join(path.read_bytes() for path in files)
