"""What the file holds, the file itself, and what such a file needs."""

import streamlit as st

from services.clock import utc_day, utc_now
from services.imports import KINDS, REFERENCES, Kind, fields
from ui import page
from ui.imports.draft import KIND, Draft
from ui.imports.examples import example
from ui.imports.upload import upload
from ui.imports.words import NEEDS, kind_label

_OPTIONAL_TOLD = 8


def give_card(draft: Draft | None) -> Kind:
    """The kind and the file. Returns the kind."""
    with page.card(key="give"):
        st.session_state.setdefault(KIND, draft.kind if draft else KINDS[0])
        chosen = st.segmented_control(
            "What the file holds",
            KINDS,
            required=True,
            format_func=kind_label,
            key=KIND,
            wrap=True,
        )
        kind: Kind = chosen or KINDS[0]
        if draft:
            draft.kind = kind
        upload(draft.spool if draft else None)
    return kind


def needs_card(kind: Kind) -> None:
    """The fields of a kind, and an example to start from."""
    with page.card(f"What a file of {kind} needs", NEEDS[kind], key="needs"):
        st.markdown(f"**Needed:** {_needed(kind)}.  \n**Optional:** {_optional(kind)}.")
        st.download_button(
            f"Example of {kind}",
            data=example(kind, utc_day(utc_now())),
            file_name=f"example-{kind}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"example-{kind}",
        )


def _needed(kind: Kind) -> str:
    labels = [_in_sentence(field.label) for field in fields(kind) if field.required]
    who = [] if kind == "customers" else ["the customer (by external id, email or id)"]
    return ", ".join(who + labels)


def _optional(kind: Kind) -> str:
    who = () if kind == "customers" else REFERENCES
    labels = [
        _in_sentence(field.label)
        for field in fields(kind)
        if not field.required and field.name not in who
    ]
    more = len(labels) - _OPTIONAL_TOLD
    return ", ".join(labels[:_OPTIONAL_TOLD]) + (f" and {more} more" if more > 0 else "")


def _in_sentence(label: str) -> str:
    """ "renewal date"; "ARR" keeps its capitals."""
    return label if label[1].isupper() else label.lower()
