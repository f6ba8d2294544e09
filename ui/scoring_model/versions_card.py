"""Every published version: who made it, why, what it changed; and the way back to it."""

import streamlit as st

from db.session import write
from services import models
from services.clock import utc_now
from services.model_views import ModelChange, ModelVersion
from services.roles import Role
from ui import format as as_text
from ui import identity, model_loaders, page
from ui.scoring_model import draft
from ui.text import escape

_SHOWN = 8
_ROLLED_BACK = "Chosen among the versions on the dashboard."


def versions_card(versions: list[ModelVersion], *, may_change: bool) -> None:
    """Newest first."""
    card = page.card("Versions", "Published for good, newest first", key="versions")
    with card, st.container(gap="xxsmall", key="rows-versions"):
        for place, version in enumerate(versions):
            if place:
                st.divider()
            _row(version, may_change=may_change)


def _row(version: ModelVersion, *, may_change: bool) -> None:
    key = f"{version.name}-{version.version}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"version-{key}"):
        with st.container(gap=None, width="stretch"):
            badge = " :green-badge[:material/check: In force]" if version.active else ""
            st.markdown(f"**{escape(version.title)}** version {version.version}{badge}")
            author = f"{escape(version.author)} · {as_text.day(version.published_at)}"
            reason = f" · {escape(version.reason)}" if version.reason else ""
            st.caption(author + reason)
        if may_change:
            st.button(
                "Edit from here", type="tertiary", on_click=draft.begin, args=(version.definition,),
                key=f"edit-{key}",
            )  # fmt: skip
            if not version.active:
                st.button(
                    "Use it", icon=":material/settings_backup_restore:",
                    on_click=_use, args=(version,), key=f"use-{key}",
                )  # fmt: skip
    if version.version > 1 and version.changes:
        st.caption(" · ".join(escape(_told(change)) for change in version.changes[:_SHOWN]))
        if len(version.changes) > _SHOWN:
            st.caption(f"and {as_text.count(len(version.changes) - _SHOWN)} more")


def _use(version: ModelVersion) -> None:
    if not identity.may(Role.ADMIN):  # the page may be older than the role
        return
    by, now = identity.actor(), utc_now()
    write(
        lambda session: models.activate(
            session,
            by=by,
            name=version.name,
            version=version.version,
            reason=_ROLLED_BACK,
            now=now,
        )
    )
    model_loaders.forget()
    draft.begin(version.definition)


def _told(change: ModelChange) -> str:
    path = change.path.removeprefix("factors.").replace(".", " ").replace("_", " ")
    return f"{path}: {_value(change.before)} → {_value(change.after)}"


def _value(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
