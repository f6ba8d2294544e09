"""The first rows and which column tells what, to be checked before the import."""

import streamlit as st

from services.imports import REFERENCES, Field, Kind, Preview, fields
from ui import format as as_text
from ui import loaders, page
from ui.imports import draft as drafts
from ui.imports.draft import Draft
from ui.imports.jobs import imports, is_running
from ui.imports.words import size
from ui.text import escape

_SAFE = (
    "An import can't be undone, but importing again is safe: rows that are stored already count "
    "as duplicates and change nothing. Rows with mistakes are left out and given back to you."
)
_NO_CUSTOMERS = "There are no customers yet, and these rows name customers: import customers first."
_ROWS_IN_SIGHT = 5
_ROW = 33  # px
_UNUSED_TOLD = 8


def check_card(draft: Draft, kind: Kind) -> None:
    """Preview, mapping, what is wrong, and the way to start."""
    if draft.refused:
        st.error(escape(draft.refused), icon=":material/error:")
        return
    preview = draft.preview(kind)
    told = f"{size(preview.size_bytes)}, {as_text.plural(len(preview.columns), 'column')}"
    with page.card(f"Check {escape(draft.spool.name)}", f"{told}. The first rows:", key="check"):
        _first_rows(preview)
        _mapping(draft, kind, preview)
        _start(draft, kind)


def _first_rows(preview: Preview) -> None:
    names = [
        column if preview.columns.index(column) == place else f"{column} ({place + 1})"
        for place, column in enumerate(preview.columns)
    ]
    cells = {
        name: [row[place] if place < len(row) else "" for row in preview.sample_rows]
        for place, name in enumerate(names)
    }
    height = _ROW * (1 + min(_ROWS_IN_SIGHT, len(preview.sample_rows))) + 2
    st.dataframe(cells, hide_index=True, height=height, row_height=_ROW, key="import-rows")


def _mapping(draft: Draft, kind: Kind, preview: Preview) -> None:
    with st.container(gap=None):
        st.markdown("**Which column tells what**")
        st.caption("Suggested by the names of the columns. A field without a column stays empty.")
    first = _first_fields(kind, preview)
    with st.grid(4, min_column_width=200):
        for field in first:
            _column_box(draft, kind, field, preview)
    more = [field for field in fields(kind) if field not in first]
    if more:
        with st.expander(as_text.plural(len(more), "more field")), st.grid(4, min_column_width=200):
            for field in more:
                _column_box(draft, kind, field, preview)
    unused = [c for c in preview.columns if c not in draft.mapping(kind).values()]
    if unused:
        names = ", ".join(escape(column) for column in unused[:_UNUSED_TOLD])
        rest = len(unused) - _UNUSED_TOLD
        st.caption(f"Not imported: {names}{f' and {rest} more' if rest > 0 else ''}.")


def _first_fields(kind: Kind, preview: Preview) -> list[Field]:
    """Those that matter: needed ones, suggested ones, and something that names the customer."""
    suggested = {name for name, column in preview.mapping.items() if column}
    wanted = set() if kind == "customers" or suggested & set(REFERENCES) else set(REFERENCES)
    return [field for field in fields(kind) if field.required or field.name in suggested | wanted]


def _column_box(draft: Draft, kind: Kind, field: Field, preview: Preview) -> None:
    mapping = draft.mapping(kind)
    key = f"import-{draft.spool.path.stem}-{kind}-{field.name}"
    st.session_state.setdefault(key, mapping[field.name])
    mapping[field.name] = st.selectbox(
        f"{field.label} (required)" if field.required else field.label,
        list(dict.fromkeys(preview.columns)),
        index=None,
        placeholder="Choose a column" if field.required else "No column",
        key=key,
        help=f"{field.description} Example: `{field.example}`"
        if field.example
        else field.description,
    )


def _start(draft: Draft, kind: Kind) -> None:
    found = draft.problems(kind)
    if kind != "customers" and not loaders.has_customers():
        found.append(_NO_CUSTOMERS)
    if found:
        st.warning("  \n".join(escape(problem) for problem in found), icon=":material/rule:")
    busy = is_running(imports().job)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Import {kind}",
            type="primary",
            icon=":material/upload:",
            disabled=bool(found) or busy,
            on_click=drafts.start,
            args=(draft, kind),
            key="import-start",
            help="One import at a time: this one can start when the running one has ended."
            if busy
            else None,
        )
        st.caption(_SAFE)
