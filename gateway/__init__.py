"""Maskgate: an HTTP ingest gateway that masks personal data by policy, in WebAssembly sandboxes."""

__version__ = "0.1.0"
