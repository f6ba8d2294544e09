"""How scores are made: the model in force, a draft and what it would do, versions, firmness."""

import streamlit as st

from services.roles import Role
from ui import format as as_text
from ui import gate, identity, model_loaders, page
from ui.scoring_model import draft
from ui.scoring_model.form import form
from ui.scoring_model.preview_card import preview_card
from ui.scoring_model.publish_card import publish_card, toml_card
from ui.scoring_model.robustness_card import robustness_card
from ui.scoring_model.versions_card import versions_card
from ui.text import escape

gate.guard(needs_customers=False)

versions = model_loaders.versions()
active = versions.active
may_change = identity.may(Role.ADMIN)
since = as_text.day(active.published_at)
page.header(
    "Scoring model",
    f"**{escape(active.title)}** version {active.version} is in force, published {since}",
)

if may_change:
    left, right = st.columns([4, 5])
    with (
        left,
        page.card("Draft", "Kept as you change it; nobody's score changes before it is used"),
    ):
        said = draft.read_draft(form(draft.start(active.definition)))
    with right, st.container():  # of its own height: the draft is longer
        if isinstance(said, str):
            with page.card("Not a model yet"):
                st.markdown(f":orange[:material/warning:] {escape(said)}")
                st.button(
                    "Begin again from what is in force",
                    on_click=draft.begin,
                    args=(active.definition,),
                    key="begin-again",
                )
        else:
            preview_card(model_loaders.preview(said))
            publish_card(said, active, changed=draft.keep(said, versions.model))
            toml_card(said)

robustness_card(model_loaders.robustness(active.name, active.version))
versions_card(versions.all, may_change=may_change)
