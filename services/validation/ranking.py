"""Figures of one ranking: AUC, average precision, churn by decile, churners caught by calling."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_auc_score

from services.validation.observations import Floats, Ints
from services.validation.outcomes import Truths
from services.validation.resampling import Resamples, interval
from services.validation.views import Caught, Decile, Estimate, Rate

ROWS_A_BIN = 20
MOST_BINS = 10


def both(left: Truths) -> bool:
    """Whether some left and some stayed: without both there is nothing to tell apart."""
    return bool(left.any() and not left.all())


def judged(
    resamples: Resamples, risk: Floats, left: Truths, rows: Truths | None = None
) -> tuple[Estimate, Estimate]:
    """AUC and average precision of a ranking (higher: likelier to leave), with intervals.

    `risk` and `left` are those of `rows` already. No figure where nobody left, or nobody stayed.
    """
    drawn = resamples.draw(risk, left, rows)
    known = both(left)
    return (
        estimate(float(roc_auc_score(left, risk)) if known else None, drawn.auc),
        estimate(float(average_precision_score(left, risk)) if known else None, drawn.precision),
    )


def estimate(value: float | None, draws: Floats) -> Estimate:
    """A figure with the interval of its draws."""
    low, high = (interval(draws) if value is not None else None) or (None, None)
    return Estimate(value=value, low=low, high=high)


def wilson(left: int, rows: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share; rows count as independent."""
    found = binomtest(left, rows).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def rate(left: Truths) -> Rate:
    """The share that left."""
    low, high = wilson(int(left.sum()), left.size)
    return Rate(rows=left.size, left=int(left.sum()), rate=float(left.mean()), low=low, high=high)


def bins(values: Floats, ties: Ints, most: int = MOST_BINS) -> list[NDArray[np.intp]]:
    """Rows in order of their values in equal parts: `most`, or as many as have 20 rows each."""
    count = int(np.clip(values.size // ROWS_A_BIN, 1, most))
    return list(np.array_split(np.lexsort((ties, values)), count)) if values.size else []


def deciles(score: Floats, customer: Ints, left: Truths) -> list[Decile]:
    """The churn rate of observations with neighbouring scores, the lowest scores first."""
    return [
        Decile(
            number=number,
            score_from=float(score[rows].min()),
            score_to=float(score[rows].max()),
            **rate(left[rows]).model_dump(),
        )
        for number, rows in enumerate(bins(score, customer), start=1)
    ]


def caught(risk: Floats, customer: Ints, day: Ints, left: Truths, capacity: int) -> Caught | None:
    """What calling the `capacity` customers of highest risk on each date would have caught.

    Ties by id. None where nobody left.
    """
    if not left.any():
        return None
    order = np.lexsort((customer, -risk, day))
    days = day[order]
    place = np.arange(days.size) - np.searchsorted(days, days)
    called = left[order][place < capacity]
    precision = float(called.mean())
    return Caught(
        called=called.size,
        caught=int(called.sum()),
        left=int(left.sum()),
        share_caught=float(called.sum() / left.sum()),
        precision=precision,
        lift=precision / float(left.mean()),
    )
