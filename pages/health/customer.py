"""One customer: who, why, since when, what to do, and what is stored behind it."""

import streamlit as st

from ui import customer_loaders, gate
from ui.customer import address
from ui.customer.causes import actions_card, causes_card
from ui.customer.changes_card import changes_card
from ui.customer.factor_rows import factors_card
from ui.customer.header import header
from ui.customer.records import records
from ui.customer.score_card import score_card
from ui.customer.trend_card import trend_card

gate.guard()

named = st.query_params.get("id")
customer_id = address.parse_id(named)
data = customer_loaders.customer_page(customer_id) if customer_id else None
if data is None:
    address.say_unknown(named)
    st.stop()

address.back_link()
header(data.item, data.today)

score, over_time = st.columns([1, 2])
with score:
    score_card(data)
with over_time:
    trend_card(data)

causes, actions = st.columns([4, 3])
with causes:
    causes_card(data.health, data.bands)
with actions:
    actions_card(data.health)

changes_card(data)
factors_card(data.health, data.bands)
records(data.item.id)
