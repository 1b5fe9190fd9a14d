"""YAML documents that people write: read with the place of every node, checked against JSON Schemas."""
