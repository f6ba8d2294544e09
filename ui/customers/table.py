"""The table: a click on a row opens the customer, a click on a heading sorts the whole list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from scoring.losses import Loss
from services.views import CustomerItem
from ui import format as as_text
from ui import page, status
from ui.customers import sorts
from ui.customers.filters import first_page
from ui.loaders import CustomerTable

_ROW = 38  # px
_VERSION, _CLICK = "customers_table_version", "customers_table_click"


def show(table: CustomerTable, sort: str, now: datetime) -> None:
    """Draws one page of the list, which is sorted by `sort` (a key of `sorts.SORTS`)."""
    ids = [item.id for item in table.items]
    key = f"customers_table_{st.session_state.setdefault(_VERSION, 0)}"
    st.dataframe(
        frame(table, now),
        hide_index=True,
        height="content",
        row_height=_ROW,
        placeholder=as_text.NONE,
        column_config=_columns(sort, ids),
        key=key,
        on_select=lambda: _selected(key, ids, sort),
        selection_mode=["single-cell", "single-column"],
        alt="Customers with their status, score and what pulls it down",
    )


def frame(table: CustomerTable, now: datetime) -> pd.DataFrame:
    """The table's cells as people read them."""
    return pd.DataFrame([_row(item, table.losses.get(item.id), now) for item in table.items])


def _row(item: CustomerItem, loss: Loss | None, now: datetime) -> dict[str, Any]:
    left = "Left " + as_text.day(item.churned_at.date()) if item.churned_at else None
    return {
        "name": item.name,
        "status": [status.word(item.status)],
        "score": None if item.overall_score is None else as_text.shown_score(item.overall_score),
        "change": None if item.trend_30d is None else as_text.signed(item.trend_30d),
        "loss": f"{loss.label} {as_text.points(-loss.points)}" if loss else None,
        "segment": as_text.segment(item.segment),
        "owner": item.owner,
        "arr": as_text.money_full(item.arr),
        "renewal": left or as_text.renewal_cell(item.renewal_date, now.date()),
        "activity": as_text.ago(item.last_activity_at, now),
    }


def _columns(sort: str, ids: Sequence[int]) -> dict[str, Any]:
    column = st.column_config

    def label(name: str, words: str) -> str:
        return words + sorts.arrow(name, sort)

    return {
        "name": column.ButtonColumn(
            label("name", "Customer"),
            width=180,
            type="tertiary",
            alignment="left",
            pinned=True,
            key=_CLICK,
            on_click=_opened,
            args=(ids,),
        ),
        "status": column.MultiselectColumn(
            "Status", width=88, options=status.WORDS, color="auto", disabled=True
        ),
        "score": column.ProgressColumn(
            label("score", "Score"),
            width=105,
            format="%.1f",
            min_value=0,
            max_value=100,
            color="gray",
        ),
        "change": column.TextColumn(
            label("change", "30 days"),
            width=78,
            alignment="right",
            help="The score's change in 30 days",
        ),
        "loss": column.TextColumn(
            "Pulled down by", width=170, help="The factor that costs the most points"
        ),
        "segment": column.TextColumn("Segment", width=88),
        "owner": column.TextColumn("Owner", width=118),
        "arr": column.TextColumn(label("arr", "ARR"), width=92, alignment="right"),
        "renewal": column.TextColumn(label("renewal", "Renewal"), width=104),
        "activity": column.TextColumn(label("activity", "Last activity"), width=110),
    }


def _opened(ids: Sequence[int]) -> None:
    _open(ids, st.session_state[_CLICK].row)


def _selected(key: str, ids: Sequence[int], sort: str) -> None:
    selection = st.session_state[key].selection
    st.session_state[_VERSION] += 1  # a table without the selection, which has done its work
    if selection.columns:
        st.session_state["sort"] = sorts.after_click(selection.columns[0], sort)
        first_page()
    elif selection.cells:
        _open(ids, selection.cells[0][0])


def _open(ids: Sequence[int], row: int) -> None:
    if 0 <= row < len(ids):
        st.switch_page(page.CUSTOMER, query_params={"id": str(ids[row])})
