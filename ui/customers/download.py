"""The whole filtered list as a file, made when somebody asks for it."""

import io

import streamlit as st

from db.session import read
from services.clock import utc_now
from services.customer_export import csv_lines
from services.roles import Role
from ui import gate
from ui.customers.filters import View
from ui.customers.sorts import SORTS


def button(view: View) -> None:
    """Downloads every row that the filters leave, not only the page in sight."""
    st.download_button(
        "CSV",
        data=gate.only_for(Role.VIEWER, lambda: _content(view)),
        file_name=f"customers-{utc_now():%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="csv",
        help="Every customer that the filters leave",
    )


def _content(view: View) -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets take it for something older."""
    content = io.BytesIO(b"\xef\xbb\xbf")
    content.seek(0, io.SEEK_END)
    with read() as session:
        lines = csv_lines(session, now=utc_now(), filters=view.filters, sort=SORTS[view.sort])
        content.writelines(line.encode() for line in lines)
    return content.getvalue()
