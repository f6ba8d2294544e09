"""The rows that were left out: the first reasons at a glance, all of them as a file."""

import zipfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import streamlit as st

from services.imports import ImportResult, inspect
from services.roles import Role
from ui import format as as_text
from ui import gate
from ui.text import escape

_SHOWN = 5
_MOST_BYTES = 5_000_000
"""A larger file is handed out compressed: downloads pass through memory."""


def told(result: ImportResult) -> None:
    """What the first rejected rows lack, and the download of all."""
    path = result.rejected_path
    if path is None:
        return
    with st.container(gap="xxsmall"):
        for row, reason in _first_reasons(path):
            st.markdown(f":orange[:material/warning:] Row {escape(row)}: {escape(reason)}")
        if result.rejected > _SHOWN:
            st.caption(f"And {as_text.count(result.rejected - _SHOWN)} more, in the file.")
    compressed = path.stat().st_size > _MOST_BYTES
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            as_text.plural(result.rejected, "rejected row"),
            data=gate.only_for(
                Role.EDITOR, lambda: _zipped(path) if compressed else path.read_bytes()
            ),
            file_name="rejected-rows.zip" if compressed else "rejected-rows.csv",
            mime="application/zip" if compressed else "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="import-rejected",
        )
        st.caption("Each row as it came, with the reason. Mend the rows and import that file.")


@lru_cache(maxsize=1)
def _first_reasons(path: Path) -> list[tuple[str, str]]:
    """Row and reason; surplus cells of a row stand behind them."""
    preview = inspect(path)
    row, reason = len(preview.columns) - 2, len(preview.columns) - 1
    return [(cells[row], cells[reason]) for cells in preview.sample_rows[:_SHOWN]]


def _zipped(path: Path) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "rejected-rows.csv")
    return content.getvalue()
