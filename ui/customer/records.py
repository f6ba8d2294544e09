"""What is stored of a customer: activity by week, events, tickets and invoices."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st

from services.views import EventItem, InvoiceItem, TicketItem
from ui import customer_loaders as loaders
from ui import format as as_text
from ui import gate, page
from ui.charts.activity import FIELDS, describe, weekly
from ui.customer import record_rows

ROWS = 15

Item = TypeVar("Item", EventItem, TicketItem, InvoiceItem)
Loader = Callable[[int, str | None, int], tuple[list[Item], str | None]]


@st.fragment
def records(customer_id: int) -> None:
    """Four tabs; only the open one reads, and turning a page redraws only them."""
    with gate.redrawn():
        _tabs(customer_id)


def _tabs(customer_id: int) -> None:
    names = ("Activity", "Events", "Tickets", "Invoices")
    tabs = st.tabs(names, key="records", on_change="rerun")
    activity, events, tickets, invoices = tabs
    if activity.open:
        with activity:
            _activity(customer_id)
    if events.open:
        with events:
            _table(customer_id, "events", loaders.events, record_rows.event, record_rows.EVENTS)
    if tickets.open:
        with tickets:
            _table(customer_id, "tickets", loaders.tickets, record_rows.ticket, record_rows.TICKETS)
    if invoices.open:
        with invoices:
            _table(
                customer_id, "invoices", loaders.invoices, record_rows.invoice, record_rows.INVOICES
            )


def _activity(customer_id: int) -> None:
    weeks = loaders.weeks(customer_id)
    if not any(week.logins or week.api_calls or week.feature_uses for week in weeks):
        st.markdown("No login, API call or feature use in the last 13 whole weeks.")
        return
    st.caption(f"Totals per week, Monday to Sunday, last {len(weeks)} whole weeks")
    with st.grid(3, min_column_width=260):
        for field, title in FIELDS.items():
            with page.card(key=f"weeks-{field}"):
                st.markdown(f"**{title}**")
                if any(getattr(week, field) for week in weeks):
                    st.vega_lite_chart(
                        weekly(weeks, field), alt=describe(weeks, field), key=f"weeks-chart-{field}"
                    )
                else:
                    st.caption("None in these weeks")


def _table(
    customer_id: int,
    kind: str,
    load: Loader[Item],
    row: Callable[[Item], dict[str, Any]],
    columns: Mapping[str, Any],
) -> None:
    """A page of a list, newest first, with the way to older and newer ones."""
    cursors: list[str | None] = st.session_state.setdefault(f"{kind}-{customer_id}", [None])
    items, older = load(customer_id, cursors[-1], ROWS)
    if not items and len(cursors) == 1:
        st.markdown(f"No {kind} stored for this customer.")
        return
    st.dataframe(
        [row(item) for item in items],
        column_config=dict(columns),
        column_order=list(columns),
        hide_index=True,
        height="content",
        placeholder=as_text.NONE,
        key=f"{kind}-table",
        alt=f"The customer's {kind}, newest first",
    )
    if older is None and len(cursors) == 1:
        return
    first = (len(cursors) - 1) * ROWS + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = f"{as_text.count(first)}–{as_text.count(first + len(items) - 1)}"
        st.caption(f"{shown}, newest first", width="stretch")
        st.button(
            "Newer",
            key=f"{kind}-newer",
            icon=":material/chevron_left:",
            disabled=len(cursors) == 1,
            on_click=_newer,
            args=(cursors,),
        )
        st.button(
            "Older",
            key=f"{kind}-older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=older is None,
            on_click=cursors.append,
            args=(older,),
        )


def _newer(cursors: list[str | None]) -> None:
    cursors.pop()
