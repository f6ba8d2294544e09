"""Taking a file from the visitor without ever holding it in memory.

Streamlit's own uploader keeps the whole file in this process for as long as the session lives.
This one cuts it in the browser and sends one piece at a time through the page's websocket, where
no proxy limits a body's size. Each piece goes to the disk; the answer asks for the next one.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from services.roles import Role
from ui import gate, identity
from ui.imports.jobs import imports
from ui.imports.spool import Spool

SPOOL = "import-spool"
_ID, _FILES_GIVEN = "import-upload-id", "import-files-given"
_SOURCES = Path(__file__).parent

_component = st.components.v2.component(
    "customer_health_upload",
    html=(_SOURCES / "upload.html").read_text(encoding="utf-8"),
    css=(_SOURCES / "upload.css").read_text(encoding="utf-8"),
    js=(_SOURCES / "upload.js").read_text(encoding="utf-8"),
)


def given() -> Spool | None:
    """The file that this session has handed over, once it is whole."""
    spool: Spool | None = st.session_state.get(SPOOL)
    return spool if spool and spool.complete else None


def hand_on() -> None:
    """The file is somebody else's from now on: an empty widget takes its place."""
    st.session_state.pop(SPOOL, None)
    st.session_state[_FILES_GIVEN] = st.session_state.get(_FILES_GIVEN, 0) + 1


@st.fragment
def upload(known: Spool | None) -> None:
    """The widget. The page runs anew when it has taken a file that the page doesn't know yet."""
    with gate.redrawn():
        key = f"import-upload-{st.session_state.get(_FILES_GIVEN, 0)}"
        _component(
            key=key, data=_state(), on_piece_change=lambda: take(st.session_state[key]["piece"])
        )
        if given() is not known:
            st.rerun()


def take(piece: Mapping[str, Any] | None) -> None:
    """Keeps a piece as the browser sends it: id, name, size, offset, content in base64."""
    if piece is None or not identity.may(Role.EDITOR):
        return
    if st.session_state.get(_ID) != piece["id"]:
        st.session_state[_ID] = piece["id"]
        if replaced := st.session_state.get(SPOOL):
            replaced.discard()
        spool = imports().new_spool(name=str(piece["name"]), size=int(piece["size"]))
        st.session_state[SPOOL] = spool
    st.session_state[SPOOL].append(piece["offset"], base64.b64decode(piece["content"]))


def _state() -> dict[str, Any]:
    """What the browser is told: which file, and how much of it is here."""
    spool: Spool | None = st.session_state.get(SPOOL)
    if spool is None:
        return {"name": None}
    return {
        "id": st.session_state.get(_ID),
        "name": spool.name,
        "size": spool.size,
        "received": spool.received,
        "problem": spool.problem,
    }
