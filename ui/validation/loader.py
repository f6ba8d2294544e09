"""What the page reads; long work runs in a thread of its own, with its progress drawn."""

from collections.abc import Callable

from db.session import read
from scoring.model import ScoringModel
from services import models
from services.clock import utc_now
from services.model_views import ModelVersion
from services.validation.dates import Question
from services.validation.views import Validation
from ui.background import Report, Task


def newest_versions() -> list[ModelVersion]:
    """Each published model in its newest version, the model in force first."""
    with read() as session:
        found = models.versions(session)
    newest = {each.name: each for each in reversed(found)}
    active = next((each for each in found if each.active), None)
    if active:
        newest[active.name] = active
    return sorted(newest.values(), key=lambda each: (not each.active, each.title))


def validation(told: ModelVersion, question: Question) -> Validation:
    """The answer; a moment if the model has been looked at within the hour.

    Raises:
        BusyError: somebody else's validation takes too long.
    """
    answers: list[Validation] = []
    Task(_work(told, question, answers)).follow()
    return answers[0]


def _work(
    told: ModelVersion, question: Question, answers: list[Validation]
) -> Callable[[Report], None]:
    def work(report: Report) -> None:
        from services.validation.run import validate  # brings scikit-learn: only when asked

        model = ScoringModel.model_validate(told.definition)
        with read() as session:
            answers.append(
                validate(
                    session,
                    model=model,
                    version=told.version,
                    question=question,
                    now=utc_now(),
                    tell=report,
                )
            )

    return work
