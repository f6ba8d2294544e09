"""What every page stands in: page configuration, navigation, and the gate before every page."""

import streamlit as st

from ui import gate, identity, navigation, page, styles


def show() -> None:
    """One run of a session."""
    st.set_page_config(page_icon=page.ICON, layout="wide")
    st.logo(page.ICON, size="medium")
    visitor = _visitor()
    current = navigation.draw(visitor)
    page.name_tab(current.title)
    styles.apply()
    with page.frame():
        gate.enter(current, visitor)


def _visitor() -> identity.Visitor | None:
    try:
        return identity.visitor()
    except SystemExit:  # a wrong setting: the gate says which
        return None
