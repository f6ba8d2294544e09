"""Whether a scoring model's scores told who left."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.bodies import StrictRoute
from api.documentation import answers, example
from api.problems import RETRY_SECONDS, ProblemError
from api.routes.models import Name, Version
from api.validation_example import VALIDATION
from db.session import read
from scoring.model import ScoringModel
from services import models
from services.clock import utc_now
from services.validation.dates import LONGEST_HORIZON, LONGEST_LEAD, SHORTEST_HORIZON, Question
from services.validation.views import BusyError, Validation

router = APIRouter(prefix="/models", tags=["models"], route_class=StrictRoute)


@router.get("/{name}/validation", responses=answers(404, 422, ok=example(VALIDATION)))
def get_validation(
    name: Name,
    version: Version = None,
    lead: Annotated[
        int,
        Query(ge=0, le=LONGEST_LEAD, description="Days that a warning must come beforehand."),
    ] = 0,
    horizon: Annotated[
        int,
        Query(ge=SHORTEST_HORIZON, le=LONGEST_HORIZON, description="Days in which one leaves."),
    ] = 90,
    capacity: Annotated[
        int, Query(ge=1, le=10_000, description="How many customers one can call on a date.")
    ] = 20,
) -> Validation:
    """Did the scores of past months tell who left, by what was known then?

    Who leaves is looked at from the first day of each month. The first call of an hour takes
    seconds, with many customers half a minute; another question about the same model is quick.
    """
    from services.validation.run import validate  # brings scikit-learn: only when asked

    with read() as session:
        told = models.version_of(session, name=name, version=version)
        model = ScoringModel.model_validate(told.definition)
        question = Question(lead, horizon, capacity)
        try:
            return validate(
                session, model=model, version=told.version, question=question, now=utc_now()
            )
        except BusyError as error:
            headers = {"Retry-After": str(RETRY_SECONDS)}
            raise ProblemError(503, "busy", str(error), headers=headers) from None
