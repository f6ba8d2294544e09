"""The list's toolbar: what is typed and chosen lives in the address, so a view can be shared.

The address holds the words that people read ("status=At risk"), because Streamlit binds widgets
by what they show.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import streamlit as st

from services.customer_filters import CustomerFilters
from ui import format as as_text
from ui import status
from ui.customers import sorts
from ui.loaders import Choices

BOUND: dict[str, Any] = {"bind": "query-params"}
CHURNED = {"Current": "false", "Churned": "true", "Current and churned": "any"}
_DEFAULTS: dict[str, Any] = {
    "q": "",
    "status": [],
    "segment": [],
    "owner": [],
    "min": None,
    "max": None,
    "churned": "Current",
}
_IN_POPOVER = ("segment", "owner", "min", "max", "churned")


_SORT = 152  # px: with "Filters (2)" before it, the download still fits on a phone's line


class View(NamedTuple):
    """What the toolbar says."""

    filters: CustomerFilters
    sort: str
    """A key of `sorts.SORTS`."""


def first_page() -> None:
    """Another filter makes another list: it starts at its first page."""
    st.session_state["page"] = 1


def clear() -> None:
    """Every filter back to its default; popping a bound key would not do it."""
    for key, value in _DEFAULTS.items():
        st.session_state[key] = value
    first_page()


def search_and_status() -> None:
    """The two filters that are always in sight."""
    st.text_input(
        "Search",
        key="q",
        placeholder="Name, email or external id",
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=255,
        live="300ms",
        width=250,
        on_change=first_page,
        **BOUND,
    )
    st.pills(
        "Status",
        status.WORDS,
        selection_mode="multi",
        key="status",
        label_visibility="collapsed",
        on_change=first_page,
        **BOUND,
    )


def more_filters(choices: Choices) -> None:
    """The other filters, behind one button that says how many are set."""
    number = sum(_is_set(key) for key in _IN_POPOVER)
    label = f"Filters ({number})" if number else "Filters"
    with st.popover(label, icon=":material/filter_list:", key="filters"):
        st.multiselect(
            "Segment", segment_words(choices), key="segment", on_change=first_page, **BOUND
        )
        st.multiselect("Owner", choices.owners, key="owner", on_change=first_page, **BOUND)
        with st.container(horizontal=True):
            for key, label in (("min", "Score from"), ("max", "Score to")):
                st.number_input(
                    label,
                    0.0,
                    100.0,
                    None,
                    5.0,
                    key=key,
                    format="%.1f",
                    width=130,
                    placeholder="any",
                    on_change=first_page,
                    **BOUND,
                )
        st.radio("Customers", list(CHURNED), key="churned", on_change=first_page, **BOUND)
        st.button("Clear filters", on_click=clear, icon=":material/filter_list_off:")


def sort_box() -> None:
    """The order of the list."""
    st.selectbox(
        "Sort",
        list(sorts.SORTS),
        key="sort",
        label_visibility="collapsed",
        icon=":material/sort:",
        width=_SORT,
        on_change=first_page,
        **BOUND,
    )


def chosen(choices: Choices) -> View:
    """What the toolbar says now; anything that it doesn't offer is left out."""
    state = st.session_state
    segments = segment_words(choices)
    filters = CustomerFilters(
        status=tuple(status.status_of_word(word) for word in _known(state["status"], status.WORDS)),
        segment=tuple(segments[word] for word in _known(state["segment"], segments)),
        owner=tuple(_known(state["owner"], choices.owners)),
        q=_searchable(state["q"]),
        min_score=state["min"],
        max_score=state["max"],
        churned=CHURNED.get(state["churned"], "false"),
    )
    return View(filters, state["sort"] if state["sort"] in sorts.SORTS else sorts.DEFAULT)


def segment_words(choices: Choices) -> dict[str, str]:
    """Segments by their words; the name itself where two would read the same."""
    words: dict[str, str] = {}
    for name in choices.segments:
        word = as_text.segment(name)
        words[name if word in words else word] = name
    return words


def _is_set(key: str) -> bool:
    if key not in st.session_state:  # the widget has not read its part of the address yet
        return key in st.query_params
    return bool(st.session_state[key] != _DEFAULTS[key])


def _known(values: Iterable[str] | None, offered: Iterable[str]) -> list[str]:
    known = set(offered)
    return [value for value in values or () if value in known]


def _searchable(text: str | None) -> str | None:
    """What PostgreSQL can search for: NUL and halves of surrogate pairs can't be stored."""
    clean = "".join(c for c in text or "" if c != "\0" and not "\ud800" <= c <= "\udfff")
    return clean.strip() or None
