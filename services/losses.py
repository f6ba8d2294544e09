"""Which factor pulls each customer's current score down the most."""

from collections.abc import Sequence

from sqlmodel import Session

from db.queries import factor_scores as queries
from scoring.losses import Loss, losses
from services.scoring_models import published_model


def biggest_losses(session: Session, *, customer_ids: Sequence[int]) -> dict[int, Loss]:
    """The biggest loss of each of these customers, from its stored factor scores.

    Left out: customers without a score, and those with one of 100.
    """
    if not customer_ids:
        return {}
    rows = queries.current(session, customer_ids=customer_ids)
    made_by = {(row.model, row.model_version) for row in rows}
    models = {key: published_model(session, *key) for key in made_by}
    return {
        row.customer_id: costs[0]
        for row in rows
        if (costs := losses(row.factor_scores, models[row.model, row.model_version]))
    }
