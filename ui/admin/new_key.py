"""Making an API key, which is shown this once."""

from datetime import timedelta

import streamlit as st

from db.session import write
from services import api_keys
from services.clock import utc_now
from services.errors import InvalidInput
from services.principal import SCOPES, Scope
from services.roles import Role
from ui import forbidden, identity, page
from ui.text import escape

_MADE = "api-keys-made"
_LIFETIMES = {
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "1 year": timedelta(days=365),
    "Never": None,
}
_SCOPES_HELP = (
    "read: every GET. write: everything that changes something, events too. admin: both, "
    "scoring models and the audit log."
)


def new_key_card() -> None:
    """The form; a key that it made is shown over the page, once."""
    with page.card("New key", "For one client each, so that one can be ended alone."):
        made = st.session_state.get(_MADE, 0)  # another form for the next key
        with st.form(f"new-key-{made}", border=False):
            name = st.text_input(
                "Name",
                max_chars=api_keys.MAX_NAME,
                placeholder="Who or what will use it",
                key=f"new-key-name-{made}",
            )
            scopes = st.pills(
                "Scopes",
                SCOPES,
                selection_mode="multi",
                default=SCOPES[:1],
                help=_SCOPES_HELP,
                key=f"new-key-scopes-{made}",
            )
            ends = st.segmented_control(
                "Ends after",
                list(_LIFETIMES),
                default="90 days",
                required=True,
                key=f"new-key-ends-{made}",
            )
            asked = st.form_submit_button("Create key", type="primary", icon=":material/key:")
        if asked:
            _create(name, scopes, _LIFETIMES[ends])


def _create(name: str, scopes: list[Scope], lifetime: timedelta | None) -> None:
    if not identity.may(Role.ADMIN):
        st.error(forbidden.sentence(Role.ADMIN), icon=":material/lock:")
        return
    by, now = identity.actor(), utc_now()
    expires_at = None if lifetime is None else now + lifetime
    try:
        key = write(
            lambda session: api_keys.create(
                session, by=by, name=name, scopes=scopes, expires_at=expires_at, now=now
            )
        )
    except InvalidInput as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.session_state[_MADE] = st.session_state.get(_MADE, 0) + 1
    _show_once(key)


@st.dialog("Keep this key now", icon=":material/key:", width="medium")
def _show_once(key: str) -> None:
    st.markdown("It is stored nowhere, and nobody can show it again.")
    st.code(key, language=None, wrap_lines=True)
    st.caption("Clients send it as a bearer token, or in the header X-API-Key.")
    if st.button("Done", type="primary", key="key-kept"):
        st.rerun()
