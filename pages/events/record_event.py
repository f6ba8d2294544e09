"""Store one event by hand and see what it does to the score."""

import streamlit as st

from services.roles import Role
from ui import customer_loaders, gate, page
from ui.event_form import event_form, event_type
from ui.record import draft, picker
from ui.record.effect_card import effect_card

gate.guard(role=Role.EDITOR)

page.header(
    "Record event",
    "Store one event by hand and see what it does to the score. "
    "Integrations send the same over REST.",
)

picker.follow_address()
named = picker.chosen()
known = customer_loaders.customer_page(named) if named else None
if named and known is None:
    picker.forget_choice()
    st.warning("The address names no customer that exists. Choose one.", icon=":material/help:")

form, effect = st.columns([4, 3])
with form, page.card(key="form"):
    picker.pick_customer(known.item if known else None)
    event_form(event_type())

customer_id = picker.chosen()
chosen = customer_loaders.customer_page(customer_id) if customer_id else None
with effect:
    effect_card(chosen, draft.outcome(customer_id))
