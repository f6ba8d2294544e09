"""The audit log's toolbar: what is chosen lives in the address, so a view can be shared."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import streamlit as st

from services.audit import Action
from services.audit_reading import AuditFilters

_BOUND: dict[str, Any] = {"bind": "query-params", "label_visibility": "collapsed"}
_DEFAULTS: dict[str, Any] = {"subject": "", "action": None, "actor": None, "days": []}
_WIDTH = 176  # px: two of them fit on a phone's line


def word(action: str) -> str:
    """An action as people read it."""
    return action.replace(".", " ").replace("-", " ").capitalize().replace("Api ", "API ")


ACTIONS: dict[str, str] = {word(action): action for action in get_args(Action)}


def toolbar(actors: Sequence[str]) -> AuditFilters:
    """Draws the filters. Returns what they say; what they don't offer is left out."""
    st.text_input(
        "Subject",
        key="subject",
        placeholder="Subject, as customer:42",
        icon=":material/search:",
        max_chars=300,
        width=_WIDTH,
        **_BOUND,
    )
    for key, options in (("action", list(ACTIONS)), ("actor", actors)):
        st.selectbox(
            key.capitalize(),
            options,
            index=None,
            key=key,
            placeholder=f"Any {key}",
            width=_WIDTH,
            **_BOUND,
        )
    st.date_input("Days (UTC)", [], key="days", format="YYYY-MM-DD", width=230, **_BOUND)
    state = st.session_state
    start, end = _bounds(state["days"])
    return AuditFilters(
        action=ACTIONS.get(state["action"] or ""),
        actor=state["actor"] if state["actor"] in actors else None,
        subject=_storable(state["subject"]),
        start=start,
        end=end,
    )


def clear() -> None:
    """Every filter back to its default."""
    for key, value in _DEFAULTS.items():
        st.session_state[key] = value


def _bounds(days: Sequence[date]) -> tuple[datetime | None, datetime | None]:
    """Two days include each other; one alone is that day, while the second is being chosen."""
    if not days:
        return None, None
    first, last = (datetime.combine(day, time(), UTC) for day in (days[0], days[-1]))
    return first, last + timedelta(days=1)


def _storable(text: str | None) -> str | None:
    """What the log can hold: NUL and halves of surrogate pairs can't be stored."""
    clean = "".join(c for c in text or "" if c != "\0" and not "\ud800" <= c <= "\udfff")
    return clean.strip() or None
