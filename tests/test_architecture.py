"""The floors of the house: imports go down only (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

GATEWAY = Path(__file__).parent.parent / "gateway"

# From the top down. A file may import from floors below its own, and from its own folder.
FLOORS = (
    ("demo", "bench"),
    ("cli",),
    ("authoring",),
    ("app",),
    ("web",),
    ("pipeline", "changes"),
    ("job",),
    ("snapshot",),
    ("canary",),
    ("run",),
    ("policy",),
    ("registry",),
    ("sandbox", "decisions", "delivery"),
    ("documents", "metrics"),
    ("errors",),
    ("flow",),
    ("config", "secrets", "media", "trust", "__init__"),
)
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}
FILES = sorted(GATEWAY.rglob("*.py"))


def part(module: str) -> str:
    """`gateway.sandbox.host` → `sandbox`; `gateway` → `__init__`."""
    return [*module.split("."), "__init__"][1]


def imported(module: str, name: str) -> str:
    """`from gateway.cli import keys` imports `gateway.cli.keys`; of a file, it imports the file."""
    inner = GATEWAY.parent.joinpath(*module.split("."), name)
    return f"{module}.{name}" if module == "gateway" or inner.is_dir() or inner.with_suffix(".py").is_file() else module


def imports(tree: ast.AST) -> list[tuple[ast.stmt, str]]:
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            found += [(node, imported(node.module, alias.name)) for alias in node.names]
    return [(node, name) for node, name in found if name == "gateway" or name.startswith("gateway.")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GATEWAY)))
def test_imports_go_down(path: Path) -> None:
    here = path.relative_to(GATEWAY).parts[0].removesuffix(".py")
    for node, name in imports(ast.parse(path.read_text(encoding="utf-8"))):
        there = part(name) if name != "gateway.__version__" else "__init__"
        assert there == here or LEVEL[there] > LEVEL[here], f"line {node.lineno}: {here} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GATEWAY)))
def test_no_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom)]
            assert not inner, f"line {inner[0].lineno}"


def test_no_cycle_between_files() -> None:
    edges = {}
    for path in FILES:
        name = ".".join(("gateway", *path.relative_to(GATEWAY).with_suffix("").parts)).removesuffix(".__init__")
        edges[name] = {target for _, target in imports(ast.parse(path.read_text(encoding="utf-8")))} - {name}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way, name))
        if name not in done:
            for target in edges.get(name, ()):
                visit(target, (*way, name))
            done.add(name)

    for name in edges:
        visit(name, ())
