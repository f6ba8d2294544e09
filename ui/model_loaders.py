"""What the page Scoring model reads."""

import json
from typing import NamedTuple

import streamlit as st

from db.session import read
from scoring.model import ScoringModel
from services import models
from services.clock import utc_now
from services.model_preview import preview as previewed
from services.model_robustness import model_robustness
from services.model_views import ModelPreview, ModelRobustness, ModelVersion
from services.scoring_models import active_model

_MINUTE = 60.0
"""Seconds: the whole portfolio is scored for it, and it changes little within them."""


class Versions(NamedTuple):
    """Every published version, newest first, and the one that scores are made with."""

    all: list[ModelVersion]
    active: ModelVersion
    model: ScoringModel


def versions() -> Versions:
    """The published models as they are now."""
    with read() as session:
        found = models.versions(session)
        model, _ = active_model(session)
    return Versions(found, next(each for each in found if each.active), model)


def preview(model: ScoringModel) -> ModelPreview:
    """What a model would do to the portfolio."""
    return _preview(json.dumps(model.definition()))


@st.cache_data(ttl=_MINUTE, max_entries=50, show_spinner="Scoring everybody …")
def _preview(definition: str) -> ModelPreview:
    with read() as session:
        return previewed(session, model=ScoringModel.model_validate_json(definition), now=utc_now())


@st.cache_data(ttl=_MINUTE, max_entries=20, show_spinner="Drawing weights …")
def robustness(name: str, version: int) -> ModelRobustness:
    """How firmly everybody has the status that this version gives."""
    with read() as session:
        told = models.version_of(session, name=name, version=version)
        model = ScoringModel.model_validate(told.definition)
        return model_robustness(session, model=model, version=version, now=utc_now())


def forget() -> None:
    """Drop what is cached, for a page that has just changed it."""
    for loader in (_preview, robustness):
        loader.clear()
