"""One page of the audit log, the way to the next one, and all of it as a file."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from db.session import read
from services import audit_reading
from services.audit_reading import MOST_IN_A_FILE, AuditFilters, AuditItem, entries_page
from services.clock import utc_now
from services.pagination import Page
from services.roles import Role
from ui import format as as_text
from ui import gate
from ui.admin.audit_filters import word

PAGE_SIZE = 20
_ROW = 38  # px
_PLACE = "audit-place"


def actors() -> list[str]:
    """Everybody who has an entry."""
    with read() as session:
        return audit_reading.actors(session)


def entries(filters: AuditFilters) -> Page[AuditItem]:
    """The page that this session has turned to; other filters start at the newest."""
    known, cursors = st.session_state.get(_PLACE, (filters, ()))
    if known != filters:
        cursors = ()
    st.session_state[_PLACE] = filters, cursors
    with read() as session:
        return entries_page(
            session, filters=filters, limit=PAGE_SIZE, cursor=cursors[-1] if cursors else None
        )


def show(shown: Page[AuditItem]) -> None:
    """The entries, and the buttons that turn the page."""
    st.dataframe(
        pd.DataFrame([_row(item) for item in shown.items]),
        hide_index=True,
        height="content",
        row_height=_ROW,
        placeholder=as_text.NONE,
        column_config=_columns(),
        key="audit-table",
        alt="Changes with their time, who made them and what they changed",
    )
    _pager(shown.next_cursor)


def _pager(next_cursor: str | None) -> None:
    filters, cursors = st.session_state[_PLACE]
    newer, older = cursors[:-1], (*cursors, next_cursor)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label, icon, place, possible in (
            ("Newer", "arrow_back", newer, bool(cursors)),
            ("Older", "arrow_forward", older, next_cursor is not None),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=not possible,
                on_click=_turn,
                args=(filters, place),
                key=f"audit-{label.lower()}",
            )
        st.caption(f"Page {as_text.count(len(cursors) + 1)}")


def download_button(filters: AuditFilters) -> None:
    """Downloads what the filters leave, not only the page in sight."""
    st.download_button(
        "CSV",
        data=gate.only_for(Role.ADMIN, lambda: file_of(filters)),
        file_name=f"audit-log-{utc_now():%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="csv",
        help=f"What the filters leave: the newest {as_text.count(MOST_IN_A_FILE)} entries",
    )


def _turn(filters: AuditFilters, cursors: tuple[str, ...]) -> None:
    st.session_state[_PLACE] = filters, cursors


def _row(item: AuditItem) -> dict[str, Any]:
    return {
        "at": f"{item.at:%Y-%m-%d %H:%M:%S}",
        "actor": item.actor,
        "action": word(item.action),
        "subject": item.subject,
        "fields": ", ".join(item.fields) or None,
        "via": item.via,
        "address": item.address,
        "request_id": item.request_id,
    }


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "at": text("Time (UTC)", width=142),
        "actor": text("Actor", width=195),
        "action": text("Action", width=130),
        "subject": text("Subject", width=190),
        "fields": text("Fields", width=165, help="Names only: the log holds no values"),
        "via": text("Via", width=80),
        "address": text("Address", width=110),
        "request_id": text("Request", width=100, help="As in the log and in X-Request-ID"),
    }


def file_of(filters: AuditFilters) -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets take it for something older."""
    content = io.BytesIO(b"\xef\xbb\xbf")
    content.seek(0, io.SEEK_END)
    with read() as session:
        lines = audit_reading.csv_lines(session, filters=filters)
        content.writelines(line.encode() for line in lines)
    return content.getvalue()
