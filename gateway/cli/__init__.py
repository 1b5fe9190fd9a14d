"""The command line: `maskgate COMMAND`. Tables for people on a terminal, `--json` for programs."""
