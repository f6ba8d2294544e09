"""What stands between a visitor and a page: a started product, a reachable database, data."""

import streamlit as st
from streamlit.navigation.page import Page

_OPEN = "_gate_open"


def enter(page: Page) -> None:
    """Runs the page once the product is ready for it; app.py's only way to a page."""
    st.session_state[_OPEN] = True
    page.run()


def guard() -> None:
    """First line of every page: a page runs only from app.py."""
    if not st.session_state.get(_OPEN):
        st.stop()
