"""What was looked at, and what was left out."""

import streamlit as st

from services.validation.views import Validation
from ui import format as as_text
from ui.validation import words


def method(found: Validation) -> None:
    """Folded away under the story."""
    with st.expander("How this is computed, and what is left out"):
        st.markdown("\n".join(f"- {line}" for line in _lines(found)))


def _lines(found: Validation) -> list[str]:
    lead = f" more than {words.days(found.lead)} and" if found.lead else ""
    lines = [
        "On the first day of each month everybody who was a customer is scored by this model, from "
        "what had been received by then; the first 90 days after the first source are left out.",
        f"A customer counts as leaving when it left{lead} within {words.days(found.horizon)} "
        "after the lead. Dates whose outcome isn't known yet are left out.",
        f"{as_text.plural(found.left_out.without_score, 'observation')} had no score (less than "
        f"half of the weight had data, as for new customers); "
        f"{found.left_out.left_without_score} of them left.",
        "Intervals draw customers, each with all its observations, 400 times: months of one "
        "customer are no independent evidence. Intervals of churn rates are Wilson's.",
        "How early, and who was missed, is told from the daily scores of the last 180 days of the "
        "300 customers that left last, as corrected.",
    ]
    if found.sampled:
        lines.append("There are more than 10,000 customers: a sample of so many is looked at.")
    return lines
