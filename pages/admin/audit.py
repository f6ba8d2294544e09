"""Who changed what, when and from where."""

import streamlit as st

from services.roles import Role
from ui import gate, page
from ui.admin import audit_filters, audit_table

gate.guard(role=Role.ADMIN, needs_customers=False)

page.header("Audit log", "Who changed what, when and from where: newest first, times in UTC.")
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    filters = audit_filters.toolbar(audit_table.actors())
    audit_table.download_button(filters)

shown = audit_table.entries(filters)
if shown.items:
    audit_table.show(shown)
else:
    with page.card("No entry matches"):
        st.markdown("Events are not listed here: each is its own record. Take filters away.")
        st.button("Clear filters", on_click=audit_filters.clear, key="clear-empty")
