"""What somebody sees who may not come in: the way to sign in, or why that wasn't enough."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from settings import get_settings
from ui import page
from ui.identity import Visitor
from ui.text import escape

WIDTH = 420  # px


def show(visitor: Visitor | None) -> None:
    """Asks a stranger to sign in; tells somebody whom no list names that no list does."""
    by_proxy = get_settings().dashboard_login == "proxy"
    page.name_tab("Sign in")
    with _card():
        st.image(page.ICON, width=40)
        st.title("Customer Health", anchor=False)
        if visitor is not None:
            _refused(visitor, by_proxy=by_proxy)
        elif by_proxy:
            st.markdown("The proxy in front of this dashboard didn't say who you are.")
            st.caption("Open the dashboard by its public address, and sign in there.")
        else:
            st.markdown("Who is at risk, why, since when, and what to do about it.")
            st.button(
                "Sign in",
                type="primary",
                icon=":material/login:",
                on_click=st.login,
                width="stretch",
                key="sign-in",
            )
            st.caption("With your company's account.")


def _refused(visitor: Visitor, *, by_proxy: bool) -> None:
    st.markdown(
        f"You are signed in as **{escape(visitor.name)}**, who has no access to this dashboard."
    )
    st.caption("Ask whoever runs it to add your address.")
    if not by_proxy:
        st.button(
            "Use another account",
            icon=":material/switch_account:",
            on_click=st.logout,
            width="stretch",
            key="sign-out",
        )


def _card() -> DeltaGenerator:
    with st.container(horizontal_alignment="center", gap=None, key="door"):
        st.space("large")
        return st.container(border=True, width=WIDTH, gap="medium", key="sign-in-card")
