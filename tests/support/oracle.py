"""Scores by the `standard` model, written from the specification in plain Python.

Reads the tables of a recount of `event`, so it shares nothing with the code under test.
"""

from datetime import date, datetime, timedelta

from tests.support.recount import API_CALL, API_ERROR, EVENT_TYPE, FEATURE_USE, LOGIN, Tables

WEIGHTS = {
    "api_usage": 0.30,
    "login_frequency": 0.20,
    "payment_timeliness": 0.25,
    "feature_adoption": 0.15,
    "support_tickets": 0.10,
}
EXPECTED_CALLS = {"startup": 200, "smb": 500, "enterprise": 1000}
LOAD = {"low": 0.5, "medium": 1, "high": 1.5, "urgent": 2.5}

Scores = dict[str, float | None]


def day_0(tables: Tables, customer_id: int, created_at: datetime) -> date:
    """The UTC day of the earlier of created_at and the first activity."""
    seen = [
        first.date()
        for (customer, kind, _), (first, *_) in tables["last_seen"].items()
        if (customer, kind) == (customer_id, EVENT_TYPE)
    ]
    return min([created_at.date(), *seen])


def factor_scores(
    tables: Tables, customer_id: int, segment: str, first: date, as_of: date
) -> Scores:
    """Each factor's score of one customer as of a day; None without data."""
    age = (as_of - first).days

    def connected(source: str) -> bool:
        found = tables["connected_source"].get((source,))
        return found is not None and found[0] <= as_of

    def counted(signal: int, window: int) -> list[tuple[str, int]]:
        return [
            (key, n)
            for (customer, day, what, key), (n, _) in tables["daily_activity"].items()
            if (customer, what) == (customer_id, signal)
            and as_of - timedelta(days=window - 1) <= day <= as_of
        ]

    def usage(source: str, window: int, have: float, target: float) -> float | None:
        if age < 7 or not connected(source):
            return None
        return 100 * min(1, have / (target * min(1, age / window)))

    logins = sum(n for _, n in counted(LOGIN, 30))
    calls = sum(n for _, n in counted(API_CALL, 30))
    errors = sum(n for _, n in counted(API_ERROR, 30))
    features = len({key for key, _ in counted(FEATURE_USE, 90)})
    volume = usage("api_call", 30, calls, EXPECTED_CALLS[segment])
    rate = errors / calls if calls else 0
    return {
        "api_usage": None if volume is None else volume * (1 - max(0, rate - 0.05)),
        "login_frequency": usage("login", 30, logins, 20),
        "payment_timeliness": _payment(tables, customer_id, as_of) if age >= 0 else None,
        "feature_adoption": usage("feature_use", 90, features, 8),
        "support_tickets": _tickets(tables, customer_id, as_of)
        if age >= 0 and connected("support_ticket")
        else None,
    }


def overall(scores: Scores) -> tuple[float | None, float]:
    """The weighted mean and the coverage."""
    known = {name: score for name, score in scores.items() if score is not None}
    coverage = sum(WEIGHTS[name] for name in known)
    if coverage < 0.5 - 1e-9:
        return None, coverage
    return sum(WEIGHTS[name] * score for name, score in known.items()) / coverage, coverage


def _payment(tables: Tables, customer_id: int, as_of: date) -> float | None:
    credit = []
    for (customer, _), (_, _, _, due, paid) in tables["invoice"].items():
        if customer != customer_id or not as_of - timedelta(days=179) <= due <= as_of:
            continue
        if paid is None or paid > as_of:
            if due < as_of:
                credit.append(max(0, 1 - (as_of - due).days / 30))
        else:
            credit.append(max(0, 1 - max(0, (paid - due).days) / 30))
    return 100 * sum(credit) / len(credit) if credit else None


def _tickets(tables: Tables, customer_id: int, as_of: date) -> float:
    load = sum(
        LOAD[row[1]]
        for (customer, _), row in tables["support_ticket"].items()
        if customer == customer_id and as_of - timedelta(days=89) <= row[2].date() <= as_of
    )
    return max(0, 100 - 10 * load)
