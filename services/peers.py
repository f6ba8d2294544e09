"""Which features customers use, most popular first: what a customer's explanation compares with."""

import threading
import time
from datetime import date

from sqlalchemy import URL
from sqlmodel import Session

from db.queries import signals as queries

KEPT = 64
ASKED = 500
"""Customers whose features count: enough to tell the popular from the rare, and the same
cost however many there are."""
PATIENCE = 100
"""An answer serves for this many times as long as it took: it is the one number of a
customer's page that needs others' rows, so it costs at most a hundredth of the time
and is, on a small portfolio, as good as live."""

_answers: dict[tuple[URL, date, int, bool], tuple[float, list[str]]] = {}
_lock = threading.Lock()


def popular_features(
    session: Session, *, as_of: date, window: int, known_then: bool = False
) -> list[str]:
    """The features used in the window that ends with `as_of`, those with most customers first."""
    key = (session.get_bind().engine.url, as_of, window, known_then)
    started = time.monotonic()
    with _lock:
        until, features = _answers.get(key, (0.0, []))
    if started < until:
        return features
    features = queries.popular_features(
        session, as_of=as_of, window=window, customers=ASKED, known_then=known_then
    )
    ended = time.monotonic()
    with _lock:
        if len(_answers) >= KEPT:
            _answers.clear()
        _answers[key] = (ended + PATIENCE * (ended - started), features)
    return features
