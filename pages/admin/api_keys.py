"""The REST API's keys: which there are, a new one, and the end of one."""

import streamlit as st

from services.clock import utc_now
from services.roles import Role
from ui import gate, page
from ui.admin.key_list import key_list
from ui.admin.new_key import new_key_card

gate.guard(role=Role.ADMIN, needs_customers=False)

page.header("API keys", "What machines send to the REST API to show who they are.")

form, keys = st.columns([3, 5])
with form:
    new_key_card()
with keys:
    key_list(utc_now())
