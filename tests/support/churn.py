"""A portfolio in which the score tells exactly who leaves: who does nothing."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlmodel import Session

from db.tables import Signal
from services.scoring_models import model_by_name
from services.validation.dates import Question
from services.validation.run import validate
from services.validation.views import Validation
from tests.support.scoring_facts import NOW, TODAY

DAYS = 330
STAYING = 24
_CUSTOMERS = text("""
INSERT INTO customer (name, email, segment, arr, created_at, churned_at)
SELECT 'Staying ' || n, 's' || n || '@example.com', 'smb', 1000, CAST(:today AS date) - 400, NULL
FROM generate_series(1, :staying) n
UNION ALL
SELECT 'Leaving ' || n, 'l' || n || '@example.com', 'smb', 1000 * n,
       CAST(:today AS date) - 90 - 10 * n, CAST(:today AS date) - 10 - 10 * n
FROM generate_series(1, :leaving) n
""")
_ACTIVITY = text("""
INSERT INTO daily_activity (customer_id, day, signal, key, n, last_at)
SELECT id, day::date, signal, key, n, day
FROM customer,
     generate_series(CAST(:today AS date) - :days, CAST(:today AS date), interval '1 day') AS day,
     (VALUES (:login, '', 1), (:api_call, '', 40), (:feature_use, 'a', 1), (:feature_use, 'b', 1),
             (:feature_use, 'c', 1), (:feature_use, 'd', 1), (:feature_use, 'e', 1))
        AS does (signal, key, n)
WHERE churned_at IS NULL
""")
_CONNECTED = text("""
INSERT INTO connected_source (signal, first_day, known_day)
SELECT unnest(ARRAY['login', 'api_call', 'feature_use', 'support_ticket']), day, day
FROM (SELECT CAST(:today AS date) - :days) AS since (day)
""")


def add_leaving_and_staying(session: Session, *, leaving: int, today: date = TODAY) -> list[int]:
    """24 customers that do as is expected, and some that do nothing and leave after 80 days.

    Returns:
        The ids of those who stay; committed.
    """
    connection = session.connection()
    connection.execute(_CUSTOMERS, {"today": today, "staying": STAYING, "leaving": leaving})
    values = {"login": Signal.LOGIN, "api_call": Signal.API_CALL, "feature_use": Signal.FEATURE_USE}
    signals = {name: int(number) for name, number in values.items()}
    connection.execute(_ACTIVITY, {"today": today, "days": DAYS, **signals})
    connection.execute(_CONNECTED, {"today": today, "days": DAYS})
    staying = connection.execute(text("SELECT id FROM customer WHERE churned_at IS NULL"))
    ids = sorted(staying.scalars())
    session.commit()
    return ids


def validated(session: Session, question: Question = Question()) -> Validation:  # noqa: B008
    """What a validation of the standard model says now."""
    model, version = model_by_name(session, "standard")
    return validate(session, model=model, version=version, question=question, now=NOW)


def days_ago(days: int) -> date:
    """A day before the arrangement's today."""
    return TODAY - timedelta(days=days)
