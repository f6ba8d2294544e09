"""The entry form: exactly the fields of one kind of event, checked where they are stored."""

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from services.clock import utc_now
from services.events import EVENT_TYPES
from ui.event_words import event_type_label, field_words
from ui.record.draft import Draft, current
from ui.record.fields import FormField, fields, given
from ui.record.picker import chosen
from ui.record.submit import submit
from ui.text import escape

TYPE = "record-type"
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
_WHEN_HELP = "Leave it as it is for the moment you record the event. Up to 24 hours ahead."


def event_type() -> str:
    """The chosen kind of event."""
    return st.segmented_control(
        "Event",
        EVENT_TYPES,
        default=EVENT_TYPES[0],
        required=True,
        format_func=event_type_label,
        key=TYPE,
        wrap=True,
    )


def event_form(kind: str) -> None:
    """The fields, "When", and the button; what is wrong stands above the button."""
    draft = current()
    with st.form(f"event-{draft.event_id}-{kind}", border=False):
        with st.grid(2, min_column_width=220):
            for field in fields(kind):
                _widget(field, _key(draft, kind, field.name))
        st.datetime_input(
            "When (UTC)",
            value=draft.opened,
            min_value=datetime(2000, 1, 1),
            max_value=utc_now().replace(tzinfo=None, microsecond=0) + timedelta(days=1),
            step=timedelta(minutes=1),
            format="YYYY-MM-DD",
            key=_key(draft, kind, "when"),
            help=_WHEN_HELP,
            width=280,
        )
        if draft.problems:
            st.error(
                "  \n".join(escape(problem) for problem in draft.problems),
                icon=":material/error:",
            )
        st.form_submit_button(
            "Record event",
            type="primary",
            icon=":material/add_circle:",
            disabled=chosen() is None,
            on_click=_submitted,
            args=(draft.event_id, kind),
        )


def _submitted(event_id: str, kind: str) -> None:
    draft = current()
    values = {field.name: _held(draft, kind, field.name) for field in fields(kind)}
    when = _held(draft, kind, "when")
    touched = when != draft.opened or any(given(value) for value in values.values())
    if draft.event_id != event_id or (draft.is_new() and not touched):
        return  # a second click, on the recorded form or on the empty one that came after it
    submit(draft, chosen(), kind, values, None if when == draft.opened else when)


def _widget(field: FormField, key: str) -> None:
    words = field_words(field.name)
    hint = "" if field.required else "Optional"
    if field.kind == "choice":
        st.selectbox(
            words.label,
            field.choices,
            index=None,
            placeholder=hint,
            key=key,
            help=words.help,
            format_func=lambda choice: str(choice).capitalize(),
        )
    elif field.kind == "day":
        st.date_input(
            words.label,
            value=None,
            min_value=_EARLIEST,
            max_value=_LATEST,
            format="YYYY-MM-DD",
            key=key,
            help=words.help,
        )
    elif field.kind == "text":
        st.text_input(
            words.label, max_chars=field.max_length, placeholder=hint, key=key, help=words.help
        )
    else:
        step: float = 1 if field.kind == "integer" else 1.0
        st.number_input(
            words.label, value=None, step=step, placeholder=hint, key=key, help=words.help
        )


def _key(draft: Draft, kind: str, name: str) -> str:
    return f"{kind}-{name}-{draft.event_id}"


def _held(draft: Draft, kind: str, name: str) -> Any:
    return st.session_state.get(_key(draft, kind, name))
