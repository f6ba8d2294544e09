"""No page and no part of a page runs before it is asked for whom."""

import ast
from pathlib import Path

import pytest

from settings import PROJECT_ROOT

pytestmark = pytest.mark.unit

PAGES = sorted((PROJECT_ROOT / "pages").glob("*/*.py"))
FRAGMENTS = [
    (path, node)
    for path in sorted((PROJECT_ROOT / "ui").rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef)
    and any("st.fragment" in ast.unparse(decorator) for decorator in node.decorator_list)
]
WITHOUT_DATA = {"offline.py"}


def does_something(statement: ast.stmt) -> bool:
    """Whether it is more than a docstring, an import or a constant."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    return not isinstance(statement, ast.Import | ast.ImportFrom | ast.Assign)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_begins_with_its_guard(path: Path) -> None:
    first = next(filter(does_something, ast.parse(path.read_text(encoding="utf-8")).body))
    assert ast.unparse(first).startswith("gate.guard(")
    if path.parent.name == "admin":
        assert "role=Role.ADMIN" in ast.unparse(first)


def test_a_fragment_begins_by_asking_again() -> None:
    assert len(FRAGMENTS) > 3
    for path, function in FRAGMENTS:
        done = list(filter(does_something, function.body))
        asks = len(done) == 1 and ast.unparse(done[0]).startswith("with gate.redrawn():")
        assert asks or path.name in WITHOUT_DATA, f"{path.name}: {function.name}"


def test_a_download_made_at_a_click_asks_again() -> None:
    calls = [
        (path, node)
        for path in sorted((PROJECT_ROOT / "ui").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.download_button"
    ]
    assert len(calls) > 3
    for path, call in calls:
        named = [word.value for word in call.keywords if word.arg == "data"]
        data = (named or call.args[1:])[0]
        # What the page itself calls is made for this run; a function would be called later.
        assert isinstance(data, ast.Call), path.name


@pytest.mark.parametrize(
    "path", sorted((PROJECT_ROOT / "pages").glob("*.py")), ids=lambda p: p.name
)
def test_an_address_only_hands_over_to_the_app(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = [ast.unparse(node) for node in tree.body[1:]]
    assert statements == ["from ui.deep_link import run_app", "run_app()"]
