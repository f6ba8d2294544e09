"""The arrows between the layers point one way, and SQL stays where it belongs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
ABOVE_THE_QUERIES = ("services", "api", "ui", "pages", "scoring")
STATEMENT_BUILDERS = {"text", "select", "insert", "update", "delete", "func", "literal_column"}


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> list[tuple[str, set[str]]]:
    """Each import of the module as (module, names)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, set[str]()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", {alias.name for alias in node.names}))
    return found


def test_import_linter_keeps_every_contract() -> None:
    code = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def test_pages_reach_data_only_through_ui_and_services() -> None:
    below = {"db", "api", "sqlalchemy", "sqlmodel", "psycopg2"}
    for path in [*python_files("pages"), ROOT / "app.py"]:
        for module, _names in imports(path):
            assert module.split(".")[0] not in below, f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("path", python_files(*ABOVE_THE_QUERIES), ids=lambda p: str(p.name))
def test_nothing_above_the_queries_builds_sql(path: Path) -> None:
    for module, names in imports(path):
        if module.split(".")[0] in {"sqlalchemy", "sqlmodel"}:
            assert not names & STATEMENT_BUILDERS, f"{path.relative_to(ROOT)} builds SQL"
        assert module.split(".")[0] != "psycopg2", f"{path.relative_to(ROOT)} uses the driver"


def test_only_the_session_module_commits() -> None:
    for path in python_files("services", "api", "ui", "pages", "scoring", "db/queries"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "commit", f"{path.relative_to(ROOT)}:{node.lineno} commits"


def test_scoring_has_no_clock_and_no_io() -> None:
    forbidden = {"time", "pathlib", "os", "io", "socket", "subprocess", "random"}
    for path in python_files("scoring"):
        if path.name == "reference.py":  # prints docs/factors.md
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not {module.split(".")[0] for module, _ in imports(path)} & forbidden, path
        calls = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not calls & {"now", "today", "utcnow"}, path
