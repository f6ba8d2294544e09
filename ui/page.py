"""What every page is built of: the frame, the header, cards and links inside the product."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.text import escape

ICON = str(Path(__file__).parents[1] / "static" / "icon.svg")
OVERVIEW = "pages/health/overview.py"
CUSTOMERS = "pages/health/customers.py"
CUSTOMER = "pages/health/customer.py"
RECORD_EVENT = "pages/events/record_event.py"
IMPORT = "pages/events/import_csv.py"
SCORING_MODEL = "pages/scoring/model.py"
VALIDATION = "pages/scoring/validation.py"
ACCOUNT = "pages/account/account.py"
API_KEYS = "pages/admin/api_keys.py"
AUDIT = "pages/admin/audit.py"

WIDTH = 1360  # px: a longer line is tiring to read across

Query = Mapping[str, str | int | Sequence[str]]


def frame() -> DeltaGenerator:
    """The centred column that holds a page."""
    return st.container(horizontal_alignment="center", gap=None).container(width=WIDTH)


def name_tab(title: str) -> None:
    """What the browser's tab and its history call the page."""
    st.set_page_config(page_title=f"{title} · Customer Health")


def header(title: str, caption: str | None = None) -> DeltaGenerator:
    """The page's title and the line under it, as Markdown (escape other people's text).

    Returns:
        the right-hand side of the line under the title, for status or an action
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.title(title, anchor=False)
            if caption:
                st.caption(caption)
        return st.container(width="content", gap=None, horizontal_alignment="right")


def card(
    title: str | None = None, caption: str | None = None, *, key: str | None = None
) -> DeltaGenerator:
    """A bordered container, as tall as its neighbours, with its title and caption as Markdown."""
    container = st.container(border=True, height="stretch", key=key)
    if title:
        with container.container(gap=None):
            st.subheader(title, anchor=False)
            if caption:
                st.caption(caption)
    return container


def link(
    page: str, label: str, *, key: str, query: Query | None = None, icon: str | None = None
) -> None:
    """A link that lines up with text. `label` is Markdown; `key` is unique on the page.

    Lists in `query` become repeated parameters.
    """
    with st.container(key=f"flush-{key}", gap=None):
        st.page_link(page, label=label, icon=icon, query_params=_query(query))


def customer_link(customer_id: int, name: str, *, key: str) -> None:
    """The customer's name, in bold, as the way to its page."""
    link(CUSTOMER, f"**{escape(name)}**", key=key, query={"id": customer_id})


def _query(query: Query | None) -> dict[str, str | list[str]] | None:
    if query is None:
        return None
    return {
        name: str(value) if isinstance(value, str | int) else [str(part) for part in value]
        for name, value in query.items()
    }
