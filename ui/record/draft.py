"""One form, filled in once: what it is called, when it was opened, what came of it.

The event's id belongs to the form, so a second click on the same form repeats the same event,
which is stored once. Any click stops the run before it wherever that touches Streamlit, while
the next run begins beside it: what came of a form is therefore kept on the form itself.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import streamlit as st
from uuid6 import uuid7

from services.clock import utc_now
from services.views import CustomerHealth, EventReceipt
from ui.charts.bands import Bands

_DRAFT, _OUTCOME = "record-draft", "record-outcome"
_DOUBLE_CLICK = 1.0  # seconds: twice what desktops take for one


@dataclass(frozen=True)
class Effect:
    """A stored event and the score before and after it."""

    customer_id: int
    receipt: EventReceipt
    before: CustomerHealth
    after: CustomerHealth
    bands: Bands


@dataclass
class Draft:
    """A form that is being filled in or recorded."""

    event_id: str = field(default_factory=lambda: str(uuid7()))
    opened: datetime = field(
        default_factory=lambda: utc_now().replace(second=0, microsecond=0, tzinfo=None)
    )
    """The minute it was opened, UTC without an offset: the default of "When"."""
    followed: float | None = None
    """When it took the place of a recorded form, on the monotonic clock."""
    before: dict[int, CustomerHealth] = field(default_factory=dict)
    """By customer, the score before the first try, kept for a repeated one."""
    problems: list[str] = field(default_factory=list)
    effect: Effect | None = None
    """What came of it, once it is recorded."""
    recording: Lock = field(default_factory=Lock)

    def is_new(self) -> bool:
        """Whether the form before it was recorded just now: a double click reaches both."""
        return self.followed is not None and time.monotonic() - self.followed < _DOUBLE_CLICK


def current() -> Draft:
    """The form on the page: an empty one once the form before it is recorded.

    Waits for a stopped run that still records it, so that what comes of it is shown.
    """
    draft: Draft = st.session_state.setdefault(_DRAFT, Draft())
    with draft.recording:
        effect = draft.effect
    if effect is not None:
        st.session_state[_OUTCOME] = effect
        st.session_state[_DRAFT] = draft = Draft(followed=time.monotonic())
    return draft


def forget_outcome() -> None:
    """For somebody who comes back to the page later."""
    st.session_state.pop(_OUTCOME, None)


def outcome(customer_id: int | None) -> Effect | None:
    """What came of the last form, while its customer is still the chosen one."""
    effect: Effect | None = st.session_state.get(_OUTCOME)
    return effect if effect is not None and effect.customer_id == customer_id else None
