"""One form, filled in once: what it is called, when it was opened, what came of it.

The event's id belongs to the form, so a second click on the same form repeats the same event,
which is stored once.
"""

from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from uuid6 import uuid7

from services.clock import utc_now
from services.views import CustomerHealth, EventReceipt
from ui.charts.bands import Bands

_DRAFT, _OUTCOME = "record-draft", "record-outcome"


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
    """A form that is not recorded yet."""

    event_id: str = field(default_factory=lambda: str(uuid7()))
    opened: datetime = field(
        default_factory=lambda: utc_now().replace(second=0, microsecond=0, tzinfo=None)
    )
    """The minute it was opened, UTC without an offset: the default of "When"."""
    before: CustomerHealth | None = None
    """The score before the first try, kept for a repeated one."""
    problems: list[str] = field(default_factory=list)


def current() -> Draft:
    """The form on the page."""
    draft: Draft = st.session_state.setdefault(_DRAFT, Draft())
    return draft


def finish(effect: Effect) -> None:
    """Puts an empty form in its place and keeps what came of it."""
    st.session_state[_OUTCOME] = effect
    st.session_state[_DRAFT] = Draft()


def forget_outcome() -> None:
    """For somebody who comes back to the page later."""
    st.session_state.pop(_OUTCOME, None)


def outcome(customer_id: int | None) -> Effect | None:
    """What came of the last form, while its customer is still the chosen one."""
    effect: Effect | None = st.session_state.get(_OUTCOME)
    return effect if effect is not None and effect.customer_id == customer_id else None
