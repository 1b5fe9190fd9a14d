"""The kind `component`: modules of the component model (docs/modules.md)."""
