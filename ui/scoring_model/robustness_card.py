"""How firmly customers have their status, and which factors decide it."""

import pandas as pd
import streamlit as st

from services.model_views import ModelRobustness
from ui import format as as_text
from ui import page, status
from ui.text import escape


def robustness_card(found: ModelRobustness) -> None:
    """The share that holds, what each factor decides, and who is on an edge."""
    caption = f"Each weight drawn {found.draws} times within ±{found.spread:.0%} of the model's"
    with page.card("How firm the statuses are", caption, key="robustness"):
        if not found.customers:
            st.markdown("There is nobody to score yet.")
            return
        share = as_text.share(found.firm, found.customers)
        st.markdown(
            f"**{as_text.count(found.firm)} of {as_text.plural(found.customers, 'customer')}** "
            f"({share}) keep their status in every draw."
        )
        st.markdown("Left out, each factor would change the status of so many customers:")
        with st.grid(5, min_column_width=130, gap="small"):
            for factor in found.factors:
                st.metric(factor.label, as_text.count(factor.deciding))
        if found.idle:
            labels = [each.label for each in found.factors if each.factor_name in found.idle]
            names = escape(" and ".join(labels))
            verb = "changes" if len(labels) == 1 else "change"
            st.markdown(f":material/info: {names} {verb} nobody's status.")
        if found.least_stable:
            _least_stable(found)


def _least_stable(found: ModelRobustness) -> None:
    with st.expander(f"On an edge ({as_text.count(len(found.least_stable))})"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Customer": each.customer_name,
                        "Score": as_text.score(each.overall_score),
                        "Status": status.word(each.status),
                        "Kept in": each.stability,
                        "Page": f"customer?id={each.customer_id}",
                    }
                    for each in found.least_stable
                ]
            ),
            hide_index=True,
            column_config={
                "Kept in": st.column_config.ProgressColumn(
                    "Kept in", format="percent", min_value=0, max_value=1, color="gray"
                ),
                "Page": st.column_config.LinkColumn("Page", display_text="Open"),
            },
            height="content" if len(found.least_stable) <= 10 else 400,
            key="least-stable",
            alt="Customers whose status depends on the exact weights, least stable first",
        )
