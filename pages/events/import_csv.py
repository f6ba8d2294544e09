"""Import customers, and what they do, from CSV files."""

import streamlit as st

from services.roles import Role
from ui import gate, page
from ui.imports import draft as drafts
from ui.imports.check_card import check_card
from ui.imports.give_card import give_card, needs_card
from ui.imports.status import status

gate.guard(role=Role.EDITOR, needs_customers=False)

page.header(
    "Import",
    "Customers, events, invoices and tickets from CSV files. Customers come first: the other "
    "files name them. You see how a file is read before anything is stored.",
)

draft = drafts.current()
status(show_last=draft is None)

give, needs = st.columns([4, 3])
with give:
    kind = give_card(draft)
with needs:
    needs_card(kind)
if draft:
    check_card(draft, kind)
