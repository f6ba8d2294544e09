"""Scoring models as they are published: the built-in ones, an operator's own, the active one."""

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

import scoring
from db.queries import queue
from db.queries import scoring_models as queries
from scoring.model import ScoringModel, parse_model
from services import audit
from services.actor import Actor
from services.clock import utc_day
from services.errors import UnknownModel
from settings import get_settings

BUILT_IN_FOLDER = Path(scoring.__file__).parent / "models"
BUILT_IN = "built-in"
"""The author of what ships with the product."""
NEW_TEXT = "SCORING_MODEL at a start"
_OF_A_START = ("", NEW_TEXT)
"""Reasons that only a start gives: whoever publishes otherwise says why."""

InForce = tuple[date, ScoringModel, int]
"""From which day on, which model, in which version."""


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


def publish_at_start(
    session: Session, *, by: Actor, now: datetime, configured: str | None = None
) -> None:
    """Publish what isn't yet: every built-in model, and the configured one as it reads today.

    A stored version never changes: another text than that of the last start becomes the
    next version, active when that one was, and everybody is rescored. The configured model
    becomes the active one only if none is: from then on the database decides, and what
    somebody has published since stays. `configured` is SCORING_MODEL unless given.

    Raises:
        ScoringModelError: when the configured model doesn't exist or validate.
    """
    chosen = configured_model(configured or get_settings().scoring_model)
    active = queries.active(session)
    for model in built_in_models().values():
        if queries.newest(session, name=model.name) is None:
            _publish(session, model, version=1, by=by, author=BUILT_IN, now=now)
    newest = queries.newest(session, name=chosen.name)
    ours = queries.newest(session, name=chosen.name, reasons=_OF_A_START)
    known = [json.loads(stored.definition) for stored in (newest, ours) if stored]
    version = newest.version if newest else 0
    if chosen.definition() not in known:
        version += 1
        _publish(session, chosen, version=version, by=by, author=by.name, now=now)
        if ours is not None and ours.active:
            _activate(session, chosen.name, version, by=by, reason=NEW_TEXT, now=now)
            queue.enqueue_everybody(session, day=utc_day(now))
    if active is None:
        _activate(session, chosen.name, version, by=by, reason="first start", now=now)


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


def model_on(session: Session, day: date, now: datetime) -> tuple[ScoringModel, int]:
    """The model in force on a UTC day, and its version: active at its end; today, now.

    Days before the first activation have the model of that one.

    Raises:
        NotPreparedError: before anything is published, which the start does.
    """
    if day >= utc_day(now):
        return active_model(session)
    return models_between(session, day, day)[0][1:]


def models_between(session: Session, first: date, last: date) -> list[InForce]:
    """Which models are in force from `first` to `last`, in order.

    Raises:
        NotPreparedError: before anything is published, which the start does.
    """
    in_force: dict[date, queries.Activation] = {}
    for activation in queries.activations(session):
        since = max(utc_day(activation.at), first) if in_force else first
        if since <= last:
            in_force[since] = activation
    if not in_force:
        raise NotPreparedError("no scoring model is active: the start publishes one")
    found: list[InForce] = []
    before: tuple[str, int] | None = None
    for day, activation in in_force.items():
        made_by = activation.name, activation.version
        if made_by != before:
            found.append((day, _parsed(activation.definition), activation.version))
        before = made_by
    return found


def published_model(session: Session, name: str, version: int) -> ScoringModel:
    """A version that is known to be published, as each stored score's is.

    Raises:
        UnknownModel: it isn't.
    """
    stored = queries.find(session, name=name, version=version)
    if stored is None:
        raise UnknownModel(name)
    return _parsed(stored.definition)


def _publish(
    session: Session,
    model: ScoringModel,
    *,
    version: int,
    by: Actor,
    author: str,
    now: datetime,
) -> None:
    queries.publish(
        session,
        name=model.name,
        version=version,
        definition=model.definition(),
        author=author,
        reason="" if author == BUILT_IN else NEW_TEXT,
        now=now,
    )
    about = f"model:{model.name}:{version}"
    audit.record(session, by=by, action="model.published", subject=about)


def _activate(
    session: Session, name: str, version: int, *, by: Actor, reason: str, now: datetime
) -> None:
    queries.activate(session, name=name, version=version, actor=by.name, reason=reason, now=now)
    audit.record(session, by=by, action="model.activated", subject=f"model:{name}:{version}")


@lru_cache(maxsize=32)
def _parsed(definition: str) -> ScoringModel:
    """The stored text tells versions (and databases) apart, so caching by it is exact."""
    return ScoringModel.model_validate_json(definition)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
