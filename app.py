"""The dashboard's entry: page configuration, navigation, and the gate before every page."""

from pathlib import Path

import streamlit as st

from ui import gate, page, styles

ICON = str(Path(__file__).parent / "static" / "icon.svg")

st.set_page_config(page_icon=ICON, layout="wide")
st.logo(ICON, size="medium")

current = st.navigation(
    [
        st.Page(page.OVERVIEW, title="Overview", icon=":material/dashboard:", default=True),
        st.Page(page.CUSTOMERS, title="Customers", icon=":material/groups:", url_path="customers"),
        st.Page(
            page.RECORD_EVENT,
            title="Record event",
            icon=":material/add_circle:",
            url_path="record-event",
        ),
        st.Page(page.IMPORT, title="Import", icon=":material/upload_file:", url_path="import"),
        st.Page(page.CUSTOMER, title="Customer", url_path="customer", visibility="hidden"),
    ],
    position="top",
)
page.name_tab(current.title)
styles.apply()
with page.frame():
    gate.enter(current)
