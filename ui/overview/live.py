"""The one part of the product that moves by itself: what arrives, and whether scores keep up."""

import streamlit as st

from services.clock import utc_now
from services.live import MOST
from services.views import LiveStatus
from ui import format as as_text
from ui import gate, loaders


@st.fragment(run_every="5s")
def live_strip() -> None:
    """One line that renews itself every five seconds."""
    with gate.redrawn():
        st.markdown(f":green-badge[:material/sensors: Live] :small[{_words(loaders.live())}]")


def _words(live: LiveStatus) -> str:
    if live.last_event_at is None:
        return "no events yet"
    scores = (
        f"{_counted(live.waiting)} change{'' if live.waiting == 1 else 's'} waiting for a score"
        if live.waiting
        else "every score up to date"
    )
    last = as_text.ago(live.last_event_at, utc_now())
    return f"last event {last} · {_counted(live.events_today)} today · {scores}"


def _counted(number: int) -> str:
    """Nobody counts further than `MOST`: "10,000+"."""
    return as_text.count(number) + ("+" if number >= MOST else "")
