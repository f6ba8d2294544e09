"""Does the score tell who leaves? How well, whom it missed, and which factor helps."""

import streamlit as st

from services.validation.views import BusyError
from ui import format as as_text
from ui import gate, page
from ui.validation import loader
from ui.validation.churn_cards import deciles_card, reliability_card
from ui.validation.factors_card import factors_card
from ui.validation.method_card import method
from ui.validation.missed_cards import early_card, missed_card
from ui.validation.question import ask
from ui.validation.rules_card import calling_card, rules_card
from ui.validation.verdict_card import verdict_card

gate.guard()

page.header("Validation", "Scores of past months, as known then, against who really left")
told, question = ask(loader.newest_versions())
try:
    found = loader.validation(told, question)
except BusyError as error:
    st.info(str(error), icon=":material/hourglass_top:")
    st.button("Try again", icon=":material/refresh:")
    st.stop()

if found.first_date and found.last_date:
    first, last = as_text.month(found.first_date), as_text.month(found.last_date)
    st.caption(f"{as_text.plural(found.dates, 'month')} from {first} to {last}")
verdict_card(found)

if found.rows:
    rules, calling = st.columns([5, 3])
    with rules:
        rules_card(found)
    with calling:
        calling_card(found)
    by_score, come_true = st.columns(2)
    with by_score:
        deciles_card(found)
    with come_true:
        reliability_card(found)
    early, missed = st.columns([2, 3])
    with early:
        early_card(found)
    with missed:
        missed_card(found)
    factors_card(found)
method(found)
