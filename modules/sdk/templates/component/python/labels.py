"""{{name}}: leaves comments out of lines of text, and puts a label before each other line.

Everything here is meant to be changed. wit/transform.wit in the SDK says what there is to work with: `wit_world` is
made of it when this is built. What this file does when it is imported is done once, when it is built.
"""

import json

import wit_world
from componentize_py_types import Err
from wit_world.imports import host
from wit_world.imports.types import Refusal

settings = {}  # a WitWorld is made for each call, so what lasts stands here


class WitWorld(wit_world.WitWorld):
    def configure(self, config: str) -> None:
        """What the policy says under `with`, which the manifest's schema has checked. A failure: `raise Err("why")`."""
        settings.update({"label": "", "comment": "#", "longest": 4096} | json.loads(config))

    def transform(self, message: str) -> list[str]:
        """A message: it is dropped ([]), or becomes another ([text]), or is refused."""
        line = message.rstrip("\r\n")
        if line.startswith(settings["comment"]):
            host.count("comments", 1)
            return []
        if len(line.encode()) > settings["longest"]:
            raise Err(Refusal("line_too_long", settings["longest"]))
        host.count("lines", 1)
        return [settings["label"] + line]
