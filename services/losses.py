"""Which factor pulls each customer's current score down the most."""

from collections.abc import Sequence

from sqlmodel import Session

from db.queries import factor_scores as queries
from scoring.losses import Loss, losses
from services.scoring_models import active_model


def biggest_losses(session: Session, *, customer_ids: Sequence[int]) -> dict[int, Loss]:
    """The biggest loss of each of these customers, from its stored factor scores.

    Left out: customers without a score, with one of 100, and those whose score another model
    made, which are about to be rescored.
    """
    if not customer_ids:
        return {}
    model, version = active_model(session)
    return {
        row.customer_id: costs[0]
        for row in queries.current(session, customer_ids=customer_ids)
        if (row.model, row.model_version) == (model.name, version)
        and (costs := losses(row.factor_scores, model))
    }
