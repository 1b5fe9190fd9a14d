"""New modules out of the SDK's templates."""

from __future__ import annotations

import os
import re
from pathlib import Path

KIND = "maskgate/1"  # where none is named
# By kind of guest, the languages that the SDK has a template in: templates/KIND/LANGUAGE.
TEMPLATES = {
    "maskgate/1": ("rust", "c", "go", "assemblyscript"),
    "wasi-command": ("rust", "c", "go", "assemblyscript"),
    "component": ("python",),
}

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class NotMade(Exception):
    """No module was made. The text says why."""


def sdk(given: Path | None, modules: Path) -> Path:
    """The folder of the guest SDKs: as given, as MASKGATE_SDK says, or `sdk` in the module folder. Raises NotMade."""
    wanted = given or (Path(os.environ["MASKGATE_SDK"]) if "MASKGATE_SDK" in os.environ else modules / "sdk")
    if not (wanted / "templates").is_dir():
        raise NotMade(
            f"{wanted} is not the guest SDK: it comes with the repository, in modules/sdk; --sdk or MASKGATE_SDK says "
            "where it is"
        )
    return wanted.resolve()


def make(name: str, kind: str, language: str, into: Path, sdk_folder: Path) -> Path:
    """A module called `name` in a new folder of `into`. Raises NotMade, OSError."""
    if language not in TEMPLATES.get(kind, ()):
        known = "; ".join(f"{one} in {', '.join(many)}" for one, many in TEMPLATES.items())
        raise NotMade(f"there is no template for {kind} in {language}: there is {known}")
    if not _NAME.fullmatch(name):
        raise NotMade(f"{name!r}: a module's name begins with a letter, and has lowercase letters, digits and '-'")
    template = sdk_folder / "templates" / kind / language
    if not template.is_dir():
        raise NotMade(f"the SDK has no template for {kind} in {language}: there is no {template}")
    folder = into / name
    if folder.exists():
        raise NotMade(f"{folder} is there already")
    given = {"{{name}}": name, "{{sdk}}": os.path.relpath(sdk_folder, folder.resolve())}
    for path in sorted(template.rglob("*")):
        if path.is_dir():
            continue
        text = path.read_text(encoding="utf-8")
        for placeholder, filled in given.items():
            text = text.replace(placeholder, filled)
        target = folder / path.relative_to(template)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(path.stat().st_mode & 0o777)
    return folder
