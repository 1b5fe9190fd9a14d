"""Modules by folder, opened in the sandbox that serves."""

from __future__ import annotations

from pathlib import Path

from gateway.authoring.workbench import Module, Workbench


class Opened:
    """Each is compiled when it is first asked for."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench, self._modules = workbench, dict[Path, Module]()

    def __getitem__(self, folder: Path) -> Module:
        if folder not in self._modules:
            self._modules[folder] = self._workbench.open(folder)
        return self._modules[folder]
