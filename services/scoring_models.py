"""Scoring models as they are published: the built-in ones, an operator's own, the active one."""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

import scoring
from db.queries import queue
from db.queries import scoring_models as queries
from scoring.model import ScoringModel, parse_model
from services.clock import utc_day
from services.errors import UnknownModel
from settings import get_settings

BUILT_IN_FOLDER = Path(scoring.__file__).parent / "models"


class ScoringModelError(ValueError):
    """SCORING_MODEL names nothing, or a model that doesn't validate: one readable line."""


class NotPreparedError(LookupError):
    """No scoring model is active: a start is about to publish one."""


def built_in_models() -> dict[str, ScoringModel]:
    """The models that ship with the product, by name."""
    models = (parse_model(_read(path)) for path in sorted(BUILT_IN_FOLDER.glob("*.toml")))
    return {model.name: model for model in models}


def configured_model(value: str) -> ScoringModel:
    """The model that SCORING_MODEL means: a built-in model's name or a TOML file's path.

    Raises:
        ScoringModelError: when there is none, or it doesn't validate.
    """
    built_in = built_in_models()
    if value in built_in:
        return built_in[value]
    path = Path(value).expanduser()
    if not path.is_file():
        names = ", ".join(sorted(built_in))
        raise ScoringModelError(
            f"SCORING_MODEL '{value}' is neither a built-in scoring model ({names}) nor a TOML file"
        )
    try:
        return parse_model(_read(path))
    except (OSError, ValueError) as error:  # a ModelError, or not UTF-8
        raise ScoringModelError(f"SCORING_MODEL {path}: {error}") from None


def publish_at_start(session: Session, *, now: datetime, configured: str | None = None) -> None:
    """Publish what isn't yet: every built-in model, and the configured one as it reads today.

    A stored version never changes: another text becomes the next version, active when
    its predecessor was, and everybody is rescored. The configured model becomes the
    active one only if none is: from then on the database decides. `configured` is
    SCORING_MODEL unless given.

    Raises:
        ScoringModelError: when the configured model doesn't exist or validate.
    """
    chosen = configured_model(configured or get_settings().scoring_model)
    active = queries.active(session)
    for model in built_in_models().values():
        if queries.newest(session, name=model.name) is None:
            _publish(session, model, version=1, now=now)
    newest = queries.newest(session, name=chosen.name)
    if newest is None or json.loads(newest.definition) != chosen.definition():
        version = newest.version + 1 if newest else 1
        _publish(session, chosen, version=version, now=now)
        if active is not None and active.name == chosen.name:
            queries.activate(session, name=chosen.name, version=version)
            queue.enqueue_everybody(session, day=utc_day(now))
    else:
        version = newest.version
    if active is None:
        queries.activate(session, name=chosen.name, version=version)


def has_active_model(session: Session) -> bool:
    """Whether scores can be made: the last thing that a start does for every other process."""
    return queries.active(session) is not None


def active_model(session: Session) -> tuple[ScoringModel, int]:
    """The model that current scores are made with, and its version.

    Raises:
        NotPreparedError: before anything is published, which the start does.
    """
    stored = queries.active(session)
    if stored is None:
        raise NotPreparedError("no scoring model is active: the start publishes one")
    return _parsed(stored.definition), stored.version


def model_by_name(session: Session, name: str) -> tuple[ScoringModel, int]:
    """A published model in its newest version.

    Raises:
        UnknownModel: when no model of this name is published.
    """
    # PostgreSQL takes no NUL in text, not even to compare with.
    stored = None if "\0" in name else queries.newest(session, name=name)
    if stored is None:
        raise UnknownModel(name)
    return _parsed(stored.definition), stored.version


def _publish(session: Session, model: ScoringModel, *, version: int, now: datetime) -> None:
    queries.publish(
        session, name=model.name, version=version, definition=model.definition(), now=now
    )


@lru_cache(maxsize=32)
def _parsed(definition: str) -> ScoringModel:
    """The stored text tells versions (and databases) apart, so caching by it is exact."""
    return ScoringModel.model_validate_json(definition)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
