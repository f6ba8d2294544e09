"""The draft that this session works on: kept with every change that makes a model."""

from typing import Any

import streamlit as st

from db.session import read, write
from scoring.model import ScoringModel
from services import models
from services.clock import utc_now
from services.errors import InvalidInput
from ui import identity

_BASE = "scoring-draft-base"
_ROUND = "scoring-draft-round"
_KEPT = "scoring-draft-kept"
_FOLLOWED = "scoring-draft-followed"
Definition = dict[str, Any]


def start(active: Definition) -> Definition:
    """What the form is filled with: the draft that was kept last, else the active model.

    A form that nobody has changed follows when somebody else puts another model in force.
    """
    if _BASE not in st.session_state:
        with read() as session:
            kept = models.drafts(session)
        chosen = max(kept, key=lambda draft: draft.updated_at, default=None)
        begin(chosen.definition if chosen else active)
        if chosen:
            st.session_state[_KEPT] = chosen.definition
    elif st.session_state.get(_FOLLOWED, active) != active:
        begin(active)
    found: Definition = st.session_state[_BASE]
    return found


def begin(definition: Definition) -> None:
    """Fill the form anew."""
    st.session_state[_BASE] = definition
    for key in (_KEPT, _FOLLOWED):
        st.session_state.pop(key, None)
    st.session_state[_ROUND] = turn() + 1


def turn() -> int:
    """Part of every field's key: a form that is filled anew has other fields."""
    count: int = st.session_state.get(_ROUND, 0)
    return count


def read_draft(definition: Definition) -> ScoringModel | str:
    """The model, or what is wrong with it."""
    try:
        return models.read_model(definition)
    except InvalidInput as error:
        st.session_state.pop(_FOLLOWED, None)
        path = ".".join(str(part) for part in error.field[1:])
        return f"{path}: {error}" if path else str(error)


def keep(model: ScoringModel, active: ScoringModel) -> bool:
    """Store the draft, unless it is the active model (again); whether there is one."""
    if model == active:
        st.session_state[_FOLLOWED] = active.definition()
        if st.session_state.pop(_KEPT, None):
            write(lambda session: models.discard_draft(session, name=model.name))
        return False
    st.session_state.pop(_FOLLOWED, None)
    definition = model.definition()
    if st.session_state.get(_KEPT) != definition:
        by, now = identity.actor(), utc_now()
        write(lambda session: models.save_draft(session, by=by, model=model, now=now))
        st.session_state[_KEPT] = definition
    return True


def discard(name: str, active: Definition) -> None:
    """Forget the draft and fill the form with the active model."""
    write(lambda session: models.discard_draft(session, name=name))
    begin(active)
