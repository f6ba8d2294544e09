"""What each kind of event adds to the counters and to what was last seen."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from db.queries.events import EventRow
from db.tables import LARGEST_BIGINT, SeenKind, Signal
from services.clock import utc_day
from services.incoming import Incoming
from services.tally import counters, first_days, normalise_endpoint, sightings

pytestmark = pytest.mark.unit

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = date(2026, 5, 4)


def fact(event_type: str, *, at: datetime = NOON, customer_id: int = 1, **data: Any) -> Incoming:
    row = EventRow(customer_id, "e", event_type, at, at, "test", None, "{}", b"")
    return Incoming(row, utc_day(at), data, True)


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def counted(*facts: Incoming) -> dict[tuple[int, str], int]:
    return {(counter.signal, counter.key): counter.n for counter in counters(facts)}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (fact("login"), {(Signal.LOGIN, ""): 1}),
        (fact("login", session_seconds=0), {(Signal.LOGIN, ""): 1}),
        (
            fact("login", session_seconds=90),
            {(Signal.LOGIN, ""): 1, (Signal.SESSION_SECONDS, ""): 90},
        ),
        (fact("api_call", endpoint="/"), {(Signal.API_CALL, ""): 1}),
        (fact("api_call", endpoint="/", count=5, status_code=399), {(Signal.API_CALL, ""): 5}),
        (
            fact("api_call", endpoint="/", count=5, status_code=400),
            {(Signal.API_CALL, ""): 5, (Signal.API_ERROR, ""): 5},
        ),
        (fact("feature_use", feature_name="a"), {(Signal.FEATURE_USE, "a"): 1}),
        (fact("feature_use", feature_name="a", count=3), {(Signal.FEATURE_USE, "a"): 3}),
        (fact("payment", amount=5), {}),
        (fact("support_ticket"), {}),
    ],
)
def test_what_counts(told: Incoming, expected: dict[tuple[int, str], int]) -> None:
    assert counted(told) == expected


def test_one_addition_a_customer_day_signal_and_key() -> None:
    late = NOON + timedelta(hours=3)
    found = counters(
        [
            fact("login", at=late),
            fact("login"),
            fact("login", at=NOON + timedelta(days=1)),
            fact("login", customer_id=2),
        ]
    )
    assert sorted(found) == [
        (1, DAY, Signal.LOGIN, "", 2, late),
        (1, DAY + timedelta(days=1), Signal.LOGIN, "", 1, NOON + timedelta(days=1)),
        (2, DAY, Signal.LOGIN, "", 1, NOON),
    ]


def test_a_day_is_a_utc_day() -> None:
    evening = datetime.fromisoformat("2026-05-04T23:30:00-07:00")
    assert counters([fact("login", at=evening)])[0].day == date(2026, 5, 5)


def test_a_sum_stops_at_the_largest_bigint() -> None:
    huge = fact("feature_use", feature_name="a", count=LARGEST_BIGINT)
    assert counted(huge, huge) == {(Signal.FEATURE_USE, "a"): LARGEST_BIGINT}


def test_sightings_span_first_and_last_whatever_the_order() -> None:
    early, late = NOON - timedelta(days=3), NOON + timedelta(hours=1)
    days = (midnight(early), midnight(late))
    uses = [
        fact("feature_use", user_id="ada", feature_name="export", at=moment)
        for moment in (NOON, late, early)
    ]
    assert sorted(sightings([*uses, fact("api_call", endpoint="/v1", at=late)])) == [
        (1, SeenKind.USER, "ada", *days, None),
        (1, SeenKind.ENDPOINT, "/v1", days[1], days[1], None),
        (1, SeenKind.EVENT_TYPE, "api_call", late, late, late),
        (1, SeenKind.EVENT_TYPE, "feature_use", early, late, early),
        (1, SeenKind.FEATURE, "export", *days, None),
    ]


def test_a_user_is_known_only_where_the_property_is() -> None:
    seen = sightings([fact("payment", amount=1, user_id="x" * 5_000), fact("login", user_id=None)])
    assert {sighting.kind for sighting in seen} == {SeenKind.EVENT_TYPE}


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("/v1/orders", "/v1/orders"),
        ("/v1/orders/17?page=2#top", "/v1/orders/{id}"),
        ("/v1/orders/17/", "/v1/orders/{id}/"),
        ("/u/9f1b2c3d-0000-4000-8000-0123456789AB/x", "/u/{id}/x"),
        ("/blob/0123456789abcdef0123456789abcdef01234567", "/blob/{id}"),
        ("/v1/beef/cafe", "/v1/beef/cafe"),
        ("/v1/orders-17", "/v1/orders-17"),
        ("https://api.example.com/v1/orders/17", "/v1/orders/{id}"),
        ("https://api.example.com", "/"),
        ("?a=/b", "/"),
        ("/" + "x" * 200, "/" + "x" * 99),
        ("/٣/x", "/٣/x"),
    ],
)
def test_endpoints(endpoint: str, path: str) -> None:
    assert normalise_endpoint(endpoint) == path


def test_first_days_are_told_where_they_are_news() -> None:
    facts = [
        fact("login"),
        fact("login", at=NOON - timedelta(days=2)),
        fact("api_call", endpoint="/"),
        fact("payment", amount=1),
        fact("support_ticket"),
    ]
    known = {"api_call": DAY, "support_ticket": DAY + timedelta(days=1)}
    assert first_days(facts, known) == {"login": DAY - timedelta(days=2), "support_ticket": DAY}
