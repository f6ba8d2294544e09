"""What a page says while the database is away. It comes back by itself."""

from datetime import datetime, timedelta

import streamlit as st

from db.session import is_unavailable
from services.clock import utc_now
from ui import loaders

_RETRY = timedelta(seconds=3)


def show() -> None:
    """One calm message; tries again every three seconds."""
    with st.container(border=True, key="offline", gap="small"):
        st.subheader(":gray[:material/cloud_off:] The database is away", anchor=False)
        st.markdown("This page comes back by itself as soon as the database answers.")
        _wait(utc_now())


@st.fragment(run_every=_RETRY)
def _wait(shown: datetime) -> None:
    now = utc_now()
    # The run that drew this message has just tried; trying again at once could go in circles.
    if now - shown > _RETRY / 2 and _answers():
        st.rerun()
    st.caption(f"Last try at {now:%H:%M:%S} UTC, next one in {_RETRY.seconds} seconds.")


def _answers() -> bool:
    try:
        loaders.ping()
    except Exception as error:
        if is_unavailable(error):
            return False
        raise
    return True
