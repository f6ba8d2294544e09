"""Publishing the draft, and taking it along as TOML."""

import streamlit as st

from db.session import write
from scoring.model import ScoringModel
from scoring.model_text import write_model
from services import models
from services.clock import utc_now
from services.errors import ServiceError
from services.model_views import ModelVersion
from services.roles import Role
from ui import forbidden, identity, model_loaders, page
from ui.scoring_model import draft
from ui.text import escape


def publish_card(model: ScoringModel, active: ModelVersion, *, changed: bool) -> None:
    """Reason and buttons; without a change there is nothing to publish."""
    with page.card("Publish", "A published version never changes; another one can follow."):
        reason = st.text_input(
            "Why",
            key=f"publish-reason-{draft.turn()}",
            max_chars=models.MAX_REASON,
            placeholder="What this is meant to make better",
        )
        with st.container(horizontal=True):
            for label, activate in (("Publish and use it", True), ("Publish only", False)):
                if st.button(
                    label,
                    type="primary" if activate else "secondary",
                    disabled=not changed,
                    key=f"publish-{'active' if activate else 'only'}",
                ):
                    _publish(model, reason, active, activate=activate)
            if changed and st.button("Discard the draft", type="tertiary", key="discard-draft"):
                draft.discard(model.name, active.definition)
                st.rerun()
        if not changed:
            st.caption("The form is what is in force: change it to publish a new version.")


def toml_card(model: ScoringModel) -> None:
    """The draft as a file, and a draft from one."""
    with page.card("As TOML", "For review, for version control, or for SCORING_MODEL"):
        st.download_button(
            "Download the draft",
            write_model(model),
            f"{model.name}.toml",
            "application/toml",
            icon=":material/download:",
            on_click="ignore",
            key="download-toml",
        )
        given = st.text_area(
            "A model's TOML",
            key=f"toml-{draft.turn()}",
            placeholder='name = "ours"\n…',
            max_chars=models.MAX_CHARACTERS,
            height=120,
        )
        if st.button("Use it as the draft", disabled=not given, key="use-toml"):
            try:
                draft.begin(models.read_model(given or "").definition())
            except ServiceError as error:
                st.error(escape(str(error)), icon=":material/error:")
            else:
                st.rerun()


def _publish(model: ScoringModel, reason: str, active: ModelVersion, *, activate: bool) -> None:
    if not identity.may(Role.ADMIN):  # the page may be older than the role
        st.error(forbidden.sentence(Role.ADMIN), icon=":material/lock:")
        return
    by, now = identity.actor(), utc_now()
    try:
        told = write(
            lambda session: models.publish(
                session, by=by, model=model, reason=reason, now=now, use=activate
            )
        )
    except ServiceError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    draft.begin(told.definition if activate else active.definition)
    model_loaders.forget()
    st.toast(f"Version {told.version} is published{' and in force' if activate else ''}.")
    st.rerun()
