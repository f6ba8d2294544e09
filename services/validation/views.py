"""What a validation answers: the shapes that the API sends and the page draws."""

from datetime import date
from typing import Annotated, Literal

from pydantic import PlainSerializer

from services.views import Money, Score, Status, View

Figure = Annotated[float, PlainSerializer(lambda value: round(value, 4) + 0.0, return_type=float)]
"""A share or an AUC; four decimals leave as JSON."""

Verdict = Literal["no_churn", "too_few", "unsure", "predicts", "reversed"]


class Estimate(View):
    """A figure and the middle 95% of what resampled customers give."""

    value: Figure | None
    low: Figure | None
    high: Figure | None


class Rate(View):
    """How many of how many left, with Wilson's 95% interval."""

    rows: int
    left: int
    rate: Figure
    low: Figure
    high: Figure


class Decile(Rate):
    """Observations with neighbouring scores, the lowest first."""

    number: int
    score_from: Score
    score_to: Score


class Caught(View):
    """Calling the customers with the highest risk on each date."""

    called: int
    caught: int
    """Called, and left within the horizon."""
    left: int
    share_caught: Figure
    precision: Figure
    """Share of the called that left."""
    lift: Figure | None
    """Precision over the share of everybody that left."""


class Ranking(View):
    """How well one ranking of the customers tells who leaves."""

    name: str
    label: str
    rows: int
    """Those of the scored observations that it has a value for."""
    auc: Estimate
    average_precision: Estimate
    caught: Caught | None


class FactorRanking(Ranking):
    """A factor by itself, and the score without it."""

    weight: float
    without: Estimate
    """AUC of the score without the factor, the other weights renormalised."""
    gain: Estimate
    """AUC of the whole score minus that, on the same draws: what the factor adds."""


class WarningPoint(View):
    """Share of those who left that had not been healthy for at least so many days."""

    days: int
    share: Figure


class Warnings(View):
    """How long before they left customers had last been healthy (Kaplan–Meier)."""

    customers: int
    never: int
    """Healthy until the day before they left."""
    longer: int
    """Not healthy on any of the days looked at: at least that long."""
    days_looked_at: int
    median_days: int | None
    """None where half of them were warned of for longer than was looked at."""
    points: list[WarningPoint]


class Missed(View):
    """A customer that was healthy 90 days before it left."""

    customer_id: int
    customer_name: str
    segment: str
    owner: str | None
    arr: Money | None
    left_on: date
    score_before: Score
    """90 days before."""
    last_score: Score | None
    """On the day before it left."""
    last_status: Status
    days_warned: int
    """For how many days it had not been healthy when it left."""


class ReliabilityPoint(Rate):
    """Later observations with neighbouring predictions."""

    predicted: Figure
    """Their mean predicted probability."""


class Reliability(View):
    """Probabilities that earlier dates give a score, held against what happened later."""

    fitted_to: date
    """The last date whose outcome was known before the first judged one."""
    judged_from: date
    rows: int
    left: int
    brier: Figure
    """Mean squared error of the probabilities; lower is better."""
    brier_of_base_rate: Figure
    """The same for saying the earlier churn rate of everybody."""
    points: list[ReliabilityPoint]


class LeftOut(View):
    """What could not be asked."""

    without_score: int
    """Observations on which nothing could be scored: too little data, or too new a customer."""
    left_without_score: int
    """Those of them that left within the horizon."""


class Validation(View):
    """Whether a scoring model's scores told who left."""

    model: str
    model_version: int
    as_of: date
    lead: int
    horizon: int
    capacity: int
    first_date: date | None
    last_date: date | None
    dates: int
    """Observation dates: first days of months."""
    customers: int
    rows: int
    """Observations: customers × dates, those with a score and a known outcome."""
    customers_left: int
    rows_left: int
    churn_rate: Figure | None
    """Share of the observations after which the customer left within the horizon."""
    sampled: bool
    """Whether there were more customers than are looked at."""
    left_out: LeftOut
    verdict: Verdict
    sentence: str
    score: Ranking
    deciles: list[Decile]
    baselines: list[Ranking]
    factors: list[FactorRanking]
    warnings: Warnings | None
    missed: list[Missed]
    """Those with the most ARR first."""
    missed_total: int
    reliability: Reliability | None


class BusyError(Exception):
    """Another validation is being worked on, and takes longer than one should wait."""
