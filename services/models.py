"""Publishing, activating and drafting scoring models. A published version never changes."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from db.queries import model_versions as queries
from db.queries import queue, scoring_models
from scoring.model import ModelError, ScoringModel, parse_model
from scoring.model_text import differences
from services import audit
from services.actor import Actor
from services.clock import utc_day
from services.errors import Conflict, InvalidInput, NotFound
from services.model_views import ModelChange, ModelDraft, ModelVersion
from services.pagination import Page, check_limit, decode_cursor, encode_cursor, fingerprint

MAX_REASON = 1_000
MAX_CHARACTERS = 64_000
"""Of a model, as JSON or TOML."""


class NoSuchModel(NotFound):
    """No published scoring model has this name, or this version of it."""

    code = "unknown-model-version"

    def __init__(self, name: str, version: int | None = None) -> None:
        which = name if version is None else f"{name} version {version}"
        super().__init__(f"There is no scoring model {which}.")


class SameModel(Conflict):
    """The newest version is the same already."""

    code = "same-model"

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"Version {version} of {name} is the same: there is nothing to publish.")


def read_model(given: str | Mapping[str, Any]) -> ScoringModel:
    """A model from its TOML or its JSON values.

    Raises:
        InvalidInput: what is wrong, with its path.
    """
    try:  # a client's decimals come as they were written
        text = (
            given if isinstance(given, str) else json.dumps(given, allow_nan=False, default=float)
        )
    except ValueError:
        raise InvalidInput("definition", "Holds a number that is not finite.") from None
    field = "toml" if isinstance(given, str) else "definition"
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(field, f"A scoring model has at most {MAX_CHARACTERS:,} characters.")
    try:
        # As JSON, where a whole number may stand for a float and a list for a tuple.
        model = parse_model(text) if field == "toml" else ScoringModel.model_validate_json(text)
    except ModelError as error:
        raise InvalidInput(field, str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidInput((field, *map(str, first["loc"])), first["msg"]) from None
    if "\\u0000" in json.dumps(model.definition()):
        raise InvalidInput(field, "Holds a NUL character.")
    return model


def versions_page(
    session: Session, *, limit: int, cursor: str | None, name: str | None = None
) -> Page[ModelVersion]:
    """A page of the published versions, newest first; of one model where it is named.

    Raises:
        InvalidInput: a limit outside 1–500, or an unusable cursor.
    """
    check_limit(limit)
    scope = fingerprint("models", name)
    found = [] if name and "\0" in name else versions(session, name=name)
    ids = [f"{each.name}:{each.version}" for each in found]
    start = 0
    if cursor is not None:
        _, last = decode_cursor(cursor, scope, str, id_type=str)
        if last not in ids:
            raise InvalidInput("cursor", "The cursor is malformed.")
        start = ids.index(last) + 1
    shown = found[start : start + limit]
    more = start + limit < len(found)
    return Page(shown, encode_cursor(scope, None, ids[start + limit - 1]) if more else None)


def versions(session: Session, *, name: str | None = None) -> list[ModelVersion]:
    """Every published version, newest first; of one model where it is named."""
    rows = queries.versions(session, name=name)
    known = {(row.name, row.version): row for row in rows}
    return [_told(row, known.get((row.name, row.version - 1))) for row in rows]


def version_of(session: Session, *, name: str, version: int | None = None) -> ModelVersion:
    """A published version, the newest unless given.

    Raises:
        NoSuchModel: there is none.
    """
    found = [] if "\0" in name else versions(session, name=name)
    for each in found:
        if version in (None, each.version):
            return each
    raise NoSuchModel(name, version)


def publish(
    session: Session,
    *,
    by: Actor,
    model: ScoringModel,
    reason: str,
    now: datetime,
    use: bool = False,
) -> ModelVersion:
    """Add a model's next version. Its draft is done with.

    Args:
        use: activate it, too.

    Raises:
        SameModel: the newest version is the same.
        InvalidInput: without a reason.
    """
    reason = _checked(reason)
    queries.lock(session)
    newest = scoring_models.newest(session, name=model.name)
    if newest is not None and json.loads(newest.definition) == model.definition():
        raise SameModel(model.name, newest.version)
    version = newest.version + 1 if newest else 1
    scoring_models.publish(
        session,
        name=model.name,
        version=version,
        definition=model.definition(),
        author=by.name,
        reason=reason,
        now=now,
    )
    queries.delete_draft(session, name=model.name)
    subject = f"model:{model.name}:{version}"
    audit.record(session, by=by, action="model.published", subject=subject)
    if use:
        return activate(session, by=by, name=model.name, version=version, reason=reason, now=now)
    return version_of(session, name=model.name, version=version)


def activate(
    session: Session, *, by: Actor, name: str, version: int, reason: str, now: datetime
) -> ModelVersion:
    """Score with this version from today on; days before keep the model that was in force.

    The active one stays as it is: nothing happens.

    Raises:
        NoSuchModel: it isn't published.
        InvalidInput: without a reason.
    """
    reason = _checked(reason)
    queries.lock(session)
    found = version_of(session, name=name, version=version)
    if found.active:
        return found
    scoring_models.activate(
        session, name=name, version=version, actor=by.name, reason=reason, now=now
    )
    queue.enqueue_everybody(session, day=utc_day(now))
    audit.record(session, by=by, action="model.activated", subject=f"model:{name}:{version}")
    return version_of(session, name=name, version=version)


def drafts(session: Session) -> list[ModelDraft]:
    """Every draft, by name."""
    return [ModelDraft.model_validate(row) for row in queries.drafts(session)]


def save_draft(session: Session, *, by: Actor, model: ScoringModel, now: datetime) -> None:
    """Keep a model that isn't published yet: one draft a name, the last one saved."""
    queries.save_draft(
        session, name=model.name, definition=model.definition(), author=by.name, now=now
    )


def discard_draft(session: Session, *, name: str) -> None:
    """Forget a draft, if there is one."""
    queries.delete_draft(session, name=name)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason or "\0" in reason:
        raise InvalidInput("reason", "Say why, in a few words.")
    if len(reason) > MAX_REASON:
        raise InvalidInput("reason", f"At most {MAX_REASON:,} characters.")
    return reason


def _told(row: Any, before: Any | None) -> ModelVersion:
    model = ScoringModel.model_validate_json(row.definition)
    old = ScoringModel.model_validate_json(before.definition) if before else None
    return ModelVersion(
        name=row.name,
        version=row.version,
        title=model.title or model.name,
        active=row.active,
        author=row.author,
        reason=row.reason,
        published_at=row.published_at,
        changes=[ModelChange(**each._asdict()) for each in differences(old, model)],
        definition=model.definition(),
    )
