"""The API keys there are, what became of them, and the way to end one."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from db.queries.api_keys import StoredKey
from db.session import read, write
from services import api_keys
from services.api_keys import START
from services.clock import utc_now
from services.roles import Role
from ui import format as as_text
from ui import identity, page
from ui.text import escape

_NAME, _SCOPES, _STATE = 170, 150, 170
"""Widths in px: one line on a desktop, several on a phone."""
_LOST = "Clients that still send it are refused at once, and it can't be brought back."


def key_list(now: datetime) -> None:
    """Keys in use first, the newest first; the ended ones under a fold."""
    with read() as session:
        keys = api_keys.listed(session)[::-1]
    in_use = [key for key in keys if api_keys.state(key, now=now) == "active"]
    ended = [key for key in keys if api_keys.state(key, now=now) != "active"]
    with page.card("Keys in use", "A key is called by its prefix; nobody can show it again."):
        if not in_use:
            st.markdown("No key is in use: the REST API has no client with one.")
        _rows(in_use, now)
    if ended:
        with st.expander(f"Ended keys ({as_text.count(len(ended))})"):
            _rows(ended, now)


def _rows(keys: Sequence[StoredKey], now: datetime) -> None:
    with st.container(gap="medium"):
        for key in keys:
            _row(key, now)


def _row(key: StoredKey, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"key-{key.prefix}"):
        with st.container(width=_NAME, gap=None):
            st.markdown(f"**{escape(key.name)}**")
            st.caption(escape(f"{START}{key.prefix}…"))
        with st.container(width=_SCOPES):
            st.markdown(" ".join(f":blue-badge[{scope}]" for scope in key.scopes))
        with st.container(width=_STATE, gap=None):
            st.markdown(_state(key, now))
            st.caption(f"created {as_text.day(key.created_at)}")
        if api_keys.state(key, now=now) == "active":
            _revoke_button(key)


def _state(key: StoredKey, now: datetime) -> str:
    state = api_keys.state(key, now=now)
    if state == "revoked" and key.revoked_at is not None:
        return f":gray-badge[:material/block: Revoked {as_text.day(key.revoked_at)}]"
    if key.expires_at is None:
        return ":gray[never expires]"
    day = as_text.day(key.expires_at)
    if state == "expired":
        return f":gray-badge[:material/timer_off: Expired {day}]"
    return f"expires {day}"


def _revoke_button(key: StoredKey) -> None:
    with st.popover("Revoke", icon=":material/block:", key=f"ask-{key.prefix}"):
        st.markdown(f"Revoke **{escape(key.name)}**? {_LOST}")
        st.button(
            "Revoke key",
            type="primary",
            on_click=_revoke,
            args=(key.prefix,),
            key=f"revoke-{key.prefix}",
        )


def _revoke(prefix: str) -> None:
    if not identity.may(Role.ADMIN):  # the page may be older than the role
        return
    by, now = identity.actor(), utc_now()
    write(lambda session: api_keys.revoke(session, by=by, prefix=prefix, now=now))
