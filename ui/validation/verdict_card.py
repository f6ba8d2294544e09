"""Does it predict churn? The answer in a sentence, and the figures behind it."""

from typing import Literal

import streamlit as st

from services.validation.views import Validation, Verdict
from ui import format as as_text
from ui import page
from ui.validation import words

_SAID: dict[Verdict, tuple[str, Literal["green", "orange", "red", "gray"], str]] = {
    "predicts": ("Yes, better than chance", "green", "check_circle"),
    "unsure": ("Not surely", "orange", "warning"),
    "too_few": ("Not enough churn to tell", "gray", "help"),
    "no_churn": ("Nobody left yet", "gray", "help"),
    "reversed": ("No: the wrong way round", "red", "error"),
}


def verdict_card(found: Validation) -> None:
    """The verdict and four figures."""
    said, color, icon = _SAID[found.verdict]
    with page.card("Does it predict churn?"):
        st.markdown(f":{color}-badge[:material/{icon}: {said}]")
        st.markdown(found.sentence)
        with st.grid(4, min_column_width=140, gap="small"):
            auc, precision = found.score.auc, found.score.average_precision
            _figure("AUC", words.figure(auc.value), words.between(auc), words.AUC_MEANS)
            _figure(
                "Average precision",
                words.figure(precision.value),
                words.between(precision),
                "Of those ranked riskiest, the share that left, over all thresholds; chance is the "
                "churn rate",
            )
            rate = as_text.NONE if found.churn_rate is None else as_text.percent(found.churn_rate)
            of = f"{as_text.count(found.rows_left)} of {as_text.plural(found.rows, 'observation')}"
            _figure("Churn rate", rate, of, "An observation is one customer on one date")
            _figure(
                "Customers that left",
                as_text.count(found.customers_left),
                f"of {as_text.plural(found.customers, 'customer')}",
                "Each counts on every date within the horizon before it left",
            )


def _figure(label: str, value: str, under: str, means: str) -> None:
    with st.container(gap=None):
        st.metric(label, value, help=means)
        st.caption(under or "no interval")
