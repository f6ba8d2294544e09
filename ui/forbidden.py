"""What somebody sees whose role is not enough for a page or for what they tried."""

import streamlit as st

from services.roles import Role
from ui import page

_WHO = {
    Role.VIEWER: "people with access to this dashboard",
    Role.EDITOR: "editors and admins",
    Role.ADMIN: "admins",
}


def sentence(needed: Role) -> str:
    """Who may do it, instead of them."""
    return f"This is for {_WHO[needed]}. Ask whoever runs this dashboard if you need it."


def show(needed: Role) -> None:
    """The sentence, and the way back."""
    with st.container(border=True, key="forbidden", gap="small"):
        st.markdown(f":gray[:material/lock:] {sentence(needed)}")
        page.link(page.OVERVIEW, "Overview", key="back", icon=":material/dashboard:")
