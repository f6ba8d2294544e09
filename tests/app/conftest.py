"""Pages through Streamlit's AppTest, always from app.py, on a fresh database."""

from collections.abc import Callable, Iterator, Mapping

import pytest
import streamlit as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from settings import PROJECT_ROOT

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens a page as a visitor does: app.py first, then the page with its address."""
    monkeypatch.setenv("SEED_ON_START", "false")
    _forget()

    def open_(path: str, query: Mapping[str, str] | None = None) -> AppTest:
        at = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).run()
        at.switch_page(path)
        for name, value in (query or {}).items():
            at.query_params[name] = value
        return at.run()

    yield open_
    _forget()


def _forget() -> None:
    """What a process keeps (caches, the scorer) belongs to one test's database."""
    st.cache_data.clear()
    st.cache_resource.clear()
