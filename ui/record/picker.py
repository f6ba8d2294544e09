"""Choosing a customer among a few (one list) or among very many (search, then a short list)."""

from typing import NamedTuple

import streamlit as st

from db.session import read
from services.clock import utc_now
from services.customer_filters import CustomerFilters
from services.customer_list import count_items, list_items
from services.views import CustomerItem
from ui import format as as_text
from ui.customer.address import parse_id
from ui.record import draft

CHOSEN = "record-customer"
_APPLIED, _SEARCH = "record-customer-applied", "record-search"
_EVERYBODY = CustomerFilters(churned="any")
ONE_LIST = 200
"""Up to so many customers go to the browser; beyond, the database searches."""
MATCHES = 50


class Choices(NamedTuple):
    """What the list offers."""

    labels: dict[int, str]
    """By customer, in order."""
    total: int


@st.cache_data(ttl=5, max_entries=200, show_spinner=False)
def choices(search: str) -> Choices:
    """The customers whose name, email or external id holds the text, churned ones too."""
    now = utc_now()
    filters = CustomerFilters(churned="any", q=search) if search else _EVERYBODY
    with read() as session:
        total = count_items(session, now=now, filters=_EVERYBODY).customers
        limit = ONE_LIST if total <= ONE_LIST else MATCHES
        items = list_items(session, now=now, filters=filters, sort="name", limit=limit).items
    return Choices({item.id: _label(item) for item in items}, total)


def _label(item: CustomerItem) -> str:
    """Never the same for two: the browser answers with the label, not with the id."""
    return f"{item.name} · {item.email}"


def pick_customer(known: CustomerItem | None) -> None:
    """The widgets; the choice is `chosen()` from the next line on.

    Args:
        known: the chosen customer, which may not match the search.
    """
    offered = choices("")
    if offered.total > ONE_LIST:
        search = st.text_input(
            "Find a customer",
            key=_SEARCH,
            type="search",
            live="300ms",
            max_chars=100,
            placeholder="Part of the name, email or external id",
        )
        offered = choices((search or "").strip())
    labels = dict(offered.labels)
    if known is not None:
        labels = {known.id: _label(known), **labels}
    st.selectbox(
        "Customer",
        list(labels),
        index=None,
        format_func=lambda customer_id: labels.get(customer_id, str(customer_id)),
        key=CHOSEN,
        placeholder="Type a name" if labels else "No customer matches",
        on_change=_address_follows,
    )
    if offered.total > ONE_LIST and len(offered.labels) == MATCHES:
        st.caption(
            f"The first {MATCHES} of {as_text.plural(offered.total, 'customer')}: search to narrow."
        )


def chosen() -> int | None:
    """The chosen customer's id."""
    customer_id = st.session_state.get(CHOSEN)
    return customer_id if isinstance(customer_id, int) else None  # a label that is gone stays text


def follow_address() -> None:
    """Chooses the customer that the address names, once for each address."""
    if CHOSEN not in st.session_state:  # Streamlit drops it when another page is shown
        draft.forget_outcome()
    named = parse_id(st.query_params.get("customer"))
    if named is None:
        return
    if CHOSEN not in st.session_state or st.session_state.get(_APPLIED) != named:
        st.session_state[CHOSEN] = named
        st.session_state[_APPLIED] = named


def forget_choice() -> None:
    """Drops a choice that names nobody."""
    st.session_state[CHOSEN] = None


def _address_follows() -> None:
    customer_id = chosen()
    if customer_id is None:
        st.query_params.pop("customer", None)
        return
    st.session_state[_APPLIED] = customer_id
    st.query_params["customer"] = str(customer_id)
