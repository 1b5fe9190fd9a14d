"""The command line: `maskgate COMMAND`. Tables for people on a terminal, `--json` for programs."""

from gateway.cli.main import app, main

__all__ = ["app", "main"]
