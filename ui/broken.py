"""What a page says where the dashboard can't start, and no waiting mends it."""

import streamlit as st


def show(reason: str) -> None:
    """The reason, as the log has it."""
    with st.container(border=True, key="broken", gap="small"):
        st.subheader(":gray[:material/build:] The dashboard can't start", anchor=False)
        st.code(reason, language=None, wrap_lines=True)
        st.caption("Once that is mended, start the dashboard again.")
