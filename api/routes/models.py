"""Scoring models: published versions, what another one would do, and which one is active."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.actors import By
from api.bodies import StrictRoute
from api.documentation import LOCATION_HEADER, PAGE_HEADERS, answers, example
from api.links import link_next
from api.model_bodies import ActivationIn, GivenModel, Publication
from api.model_examples import MODEL, PREVIEW, ROBUSTNESS
from api.params import Cursor, Limit
from api.permission import NEEDS_ADMIN
from db.session import read, write
from scoring.model import ScoringModel
from scoring.model_text import write_model
from services import models
from services.clock import utc_now
from services.model_preview import preview
from services.model_robustness import model_robustness
from services.model_views import ModelPreview, ModelRobustness, ModelVersion
from services.pagination import DEFAULT_LIMIT

router = APIRouter(prefix="/models", tags=["models"], route_class=StrictRoute)

Name = Annotated[str, Path(max_length=63, examples=["standard"])]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Default: the newest.")]


@router.get("", responses=answers(422, ok=example([MODEL], headers=PAGE_HEADERS)))
def list_models(
    request: Request,
    response: Response,
    name: Annotated[str | None, Query(max_length=63)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> list[ModelVersion]:
    """Published versions, newest first, each with what it changed about the one before."""
    with read() as session:
        page = models.versions_page(session, limit=limit, cursor=cursor, name=name)
    link_next(request, response, page)
    return page.items


@router.post(
    "",
    status_code=201,
    dependencies=[NEEDS_ADMIN],
    responses=answers(409, 413, 415, 422, created=example(MODEL, headers=LOCATION_HEADER)),
)
def publish_model(given: Publication, by: By, request: Request, response: Response) -> ModelVersion:
    """Publish a model's next version; needs the scope `admin`. A version never changes."""
    model, now = given.model(), utc_now()

    told = write(
        lambda session: models.publish(
            session, by=by, model=model, reason=given.reason, now=now, use=given.activate
        )
    )
    place = request.scope["path"].rstrip("/")
    response.headers["Location"] = f"{place}/{told.name}?version={told.version}"
    return told


@router.post("/preview", responses=answers(413, 415, 422, ok=example(PREVIEW)))
def preview_model(given: GivenModel) -> ModelPreview:
    """What a model would do to everybody who hasn't left, today. Nothing is stored."""
    model = given.model()
    with read() as session:
        return preview(session, model=model, now=utc_now())


@router.get("/{name}", responses=answers(404, 422, ok=example(MODEL)))
def get_model(name: Name, version: Version = None) -> ModelVersion:
    """A published version."""
    with read() as session:
        return models.version_of(session, name=name, version=version)


@router.get(
    "/{name}/toml",
    response_class=Response,
    responses=answers(404, 422)
    | {200: {"content": {"application/toml": {}}, "description": "The model."}},
)
def get_toml(name: Name, version: Version = None) -> Response:
    """A published version as TOML, which `SCORING_MODEL` and `POST /api/models` take."""
    with read() as session:
        told = models.version_of(session, name=name, version=version)
    text = write_model(ScoringModel.model_validate(told.definition))
    return Response(text, media_type="application/toml")


@router.get("/{name}/robustness", responses=answers(404, 422, ok=example(ROBUSTNESS)))
def get_robustness(name: Name, version: Version = None) -> ModelRobustness:
    """How firmly customers have their status when the weights are drawn from ± 20 %."""
    with read() as session:
        told = models.version_of(session, name=name, version=version)
        model = ScoringModel.model_validate(told.definition)
        return model_robustness(session, model=model, version=told.version, now=utc_now())


@router.post(
    "/{name}/activate",
    dependencies=[NEEDS_ADMIN],
    responses=answers(404, 413, 415, 422, ok=example(MODEL)),
)
def activate_model(name: Name, chosen: ActivationIn, by: By) -> ModelVersion:
    """Score with a published version from today on, an older one too; needs `admin`."""
    now = utc_now()
    return write(
        lambda session: models.activate(
            session, by=by, name=name, version=chosen.version, reason=chosen.reason, now=now
        )
    )
