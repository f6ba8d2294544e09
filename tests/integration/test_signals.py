"""Signals derived from real rows, to the day."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pandas as pd
import pytest
from sqlmodel import Session

from db.queries import signals as queries
from db.queries.signals import Span
from scoring.model import ScoringModel
from scoring.signals import KNOWN, Signal
from services import signals
from services.scoring_models import active_model, model_by_name
from tests.support.scoring_facts import (
    NOW,
    SIGNALS,
    TODAY,
    add_activity,
    add_customer,
    add_invoice,
    add_ticket,
    ago,
    connect,
    moment,
    run,
    see,
)
from tests.support.signal_tables import load_pairs

pytestmark = pytest.mark.integration


def one(
    session: Session, customer_id: int, asked: Sequence[Signal], as_of: date = TODAY
) -> dict[str, Any]:
    columns = queries.on_day(
        session, customer_ids=[customer_id], day=as_of, signals=asked, today=TODAY
    )
    return {name: values[0] for name, values in columns.items()}


def value(session: Session, customer_id: int, signal: Signal, as_of: Any = TODAY) -> Any:
    """The signal asked for alone, and beside others with longer and earlier windows."""
    others = [Signal(signal.name, 400), Signal(signal.name, 7, offset=400)]
    alone, beside = (
        one(session, customer_id, asked, as_of)[signal.column]
        for asked in ([signal], [*others, signal])
    )
    assert alone == beside
    return alone


def load(
    session: Session,
    customer_ids: Sequence[int],
    days: Sequence[date],
    *,
    model: ScoringModel | None = None,
    details: bool = False,
) -> pd.DataFrame:
    """Every customer on every day, by the active model unless another is given."""
    chosen = model or active_model(session)[0]
    pairs = list(product(customer_ids, days))
    return load_pairs(session, pairs=pairs, model=chosen, details=details)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("logins", "login"),
        ("api_calls", "api_call"),
        ("api_errors", "api_error"),
        ("session_seconds", "session_seconds"),
    ],
)
def test_a_counter_belongs_to_the_window_from_its_first_to_its_last_day(
    session: Session, name: str, stored: str
) -> None:
    customer_id = add_customer(session)
    for days, n in ((-1, 1), (0, 10), (29, 100), (30, 1000), (59, 10_000), (60, 100_000)):
        add_activity(session, customer_id, stored, ago(days), n)
    for other in {"login", "api_call", "api_error", "session_seconds"} - {stored}:
        add_activity(session, customer_id, other, ago(1), 7)
    assert value(session, customer_id, Signal(name, 30)) == 110
    assert value(session, customer_id, Signal(name, 30, offset=30)) == 11_000
    assert value(session, customer_id, Signal(name, 1)) == 10
    assert value(session, customer_id, Signal(name, 30), ago(1)) == 1100


def test_distinct_features_in_the_window(session: Session) -> None:
    customer_id = add_customer(session)
    used = [("reports", 0), ("reports", 5), ("export", 89), ("sso", 90), ("later", -1), ("Ä", 1)]
    for feature, days in used:
        add_activity(session, customer_id, "feature_use", ago(days), 3, feature)
    assert value(session, customer_id, Signal("features_used", 90)) == 3
    assert value(session, customer_id, Signal("features_used", 91)) == 4
    assert value(session, customer_id, Signal("features_used", 2, keys=("export", "Ä"))) == 1
    assert value(session, customer_id, Signal("features_used", 90), ago(90)) == 1
    assert value(session, customer_id, Signal("feature_names", 90)) == ["export", "reports", "Ä"]


def test_a_use_ahead_of_today_neither_counts_nor_hides_an_earlier_one(session: Session) -> None:
    customer_id = add_customer(session)
    used = [("soon", -1), ("back", -1), ("back", 5), ("gone", -1), ("gone", 95), ("now", 0)]
    for feature, days in used:
        add_activity(session, customer_id, "feature_use", ago(days), 1, feature)
    assert value(session, customer_id, Signal("feature_names", 90)) == ["back", "now"]
    assert value(session, customer_id, Signal("features_used", 5)) == 1


def test_an_invoice_counts_when_it_was_paid_or_past_due_as_of_the_day(session: Session) -> None:
    customer_id = add_customer(session)
    add_invoice(session, customer_id, ago(0), None)
    add_invoice(session, customer_id, ago(-1), ago(3), name="due tomorrow, paid")
    add_invoice(session, customer_id, ago(1), None, amount="10.25", currency="EUR")
    add_invoice(session, customer_id, ago(10), ago(2))
    add_invoice(session, customer_id, ago(20), ago(30))
    add_invoice(session, customer_id, ago(179), None)
    add_invoice(session, customer_id, ago(180), None)
    add_invoice(session, customer_id, ago(40), ago(-5), amount="20.50", currency="EUR")

    def of(name: str, as_of: Any = TODAY, cap: int = 0) -> Any:
        return value(session, customer_id, Signal(name, 180, cap=cap), as_of)

    assert of("invoices_due") == 5
    assert of("late_days") == 1 + 8 + 0 + 179 + 40
    assert of("late_days", cap=30) == 1 + 8 + 30 + 30
    assert of("late_days", cap=1) == 4
    assert of("overdue_invoices") == 3
    assert of("oldest_overdue_days") == 179
    assert of("oldest_overdue_invoice") == f"due {ago(179)}"
    # Nine days ago: not yet paid then, and what came due later did not exist.
    assert of("late_days", ago(9)) == 1 + 0 + 170 + 171 + 31
    assert of("invoices_due", ago(10)) == 4
    frame = load(session, [customer_id], [TODAY], details=True)
    assert frame["outstanding_180d"].iloc[0] == {"EUR": Decimal("30.75"), "USD": Decimal("100")}


def test_tickets_belong_to_the_utc_day_they_were_opened_on(session: Session) -> None:
    customer_id = add_customer(session)
    add_ticket(session, customer_id, datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC), "urgent")
    add_ticket(session, customer_id, datetime(2026, 3, 11, tzinfo=UTC), "urgent")
    first = moment(ago(89), hour=0)
    add_ticket(
        session, customer_id, first, "low", resolved=first + timedelta(hours=5), satisfaction=2
    )
    add_ticket(session, customer_id, first - timedelta(microseconds=1), "low", satisfaction=1)
    opened = moment(ago(20))
    add_ticket(
        session, customer_id, opened, "high", resolved=opened + timedelta(days=3), satisfaction=5
    )

    def of(name: str, as_of: Any = TODAY) -> Any:
        return value(session, customer_id, Signal(name, 90), as_of)

    counts = [of(f"tickets_{p}") for p in ("low", "medium", "high", "urgent")]
    assert counts == [1, 0, 1, 1]
    assert of("tickets_low", ago(1)) == 2
    assert (of("tickets_open"), of("tickets_urgent_open"), of("oldest_open_days")) == (1, 1, 0)
    assert (of("tickets_open", ago(18)), of("oldest_open_days", ago(18))) == (2, 72)
    assert of("resolution_hours_median") == pytest.approx((5 + 72) / 2)
    assert of("resolution_hours_median", ago(18)) == pytest.approx(5)
    assert of("satisfaction_mean") == pytest.approx(3.5)
    assert of("satisfaction_mean", ago(18)) == pytest.approx(1.5)


def test_who_was_seen_is_known_as_of_today_only(session: Session) -> None:
    customer_id = add_customer(session)
    for kind, name, days in ((1, "ann", 0), (1, "bob", 29), (1, "cem", 30), (2, "/v1", 3)):
        see(session, customer_id, kind, name, ago(days))
    assert value(session, customer_id, Signal("distinct_users", 30)) == 2
    assert value(session, customer_id, Signal("distinct_endpoints", 30)) == 1
    assert value(session, customer_id, Signal("distinct_users", 30), ago(1)) == -1
    assert value(session, add_customer(session, "New"), Signal("distinct_endpoints", 30)) == 0


def test_who_is_announced_for_tomorrow_was_still_seen_before(session: Session) -> None:
    customer_id = add_customer(session)
    for name, days in (("ann", 3), ("ann", -1), ("bob", -1)):
        see(session, customer_id, 1, name, ago(days))
    assert value(session, customer_id, Signal("distinct_users", 30)) == 1
    assert value(session, customer_id, Signal("distinct_users", 23, offset=7)) == 0


def test_days_of_activity(session: Session) -> None:
    customer_id = add_customer(session)
    for days in (2, 2, 4, 30):
        add_activity(session, customer_id, "login", ago(days))
    assert value(session, customer_id, Signal("active_days", 30)) == 2
    assert value(session, customer_id, Signal("days_since_login", 30)) == 2
    assert value(session, customer_id, Signal("days_since_login", 2)) == -1
    assert value(session, customer_id, Signal("days_since_api_call", 30)) == -1


def test_a_customer_without_rows_has_every_signal(session: Session) -> None:
    customer_id = add_customer(session)
    asked = [Signal(name, 30) for name in KNOWN if name != "other_features"]
    row = one(session, customer_id, asked)
    for signal in asked:
        got = row[signal.column]
        if signal.kind == "integer":
            expected = -1 if signal.name.startswith(("days_since", "oldest_open")) else 0
            assert got == expected, signal.name
        else:
            assert not got, signal.name


def test_age_counts_from_the_earlier_of_creation_and_first_activity(session: Session) -> None:
    created = add_customer(session, "created", created=ago(10))
    add_activity(session, created, "login", ago(3))
    active = add_customer(session, "active", created=ago(10))
    add_activity(session, active, "login", ago(15))

    def ages(*days: int) -> list[int]:
        frame = load(session, [created, active], [ago(n) for n in days])
        return list(frame["age_days"])

    assert ages(0) == [10, 15]
    assert ages(10, 11) == [0, -1, 5, 4]


def test_a_source_is_connected_from_its_first_day(session: Session) -> None:
    customer_id = add_customer(session)
    connect(session, ago(5), "login")
    frame = load(session, [customer_id], [ago(6), ago(5)])
    assert list(frame["connected_login"]) == [False, True]
    assert not frame["connected_api_call"].any()


def test_many_pairs_get_what_each_gets_alone(session: Session) -> None:
    ids = [add_customer(session, f"c{n}", created=ago(100 + n)) for n in range(5)]
    for number, customer_id in enumerate(ids):
        for days in range(0, 130, 1 + number):
            add_activity(session, customer_id, "login", ago(days), days + 1)
            add_activity(session, customer_id, "api_call", ago(days), 3 * days + 1)
            add_activity(session, customer_id, "feature_use", ago(days), 1, f"f{days % 11}")
        for days in range(0, 120, 7 + number):
            add_invoice(session, customer_id, ago(days), ago(days - number))
            add_ticket(session, customer_id, moment(ago(days)), "high")
    for name in ("standard", "momentum"):
        model, _ = model_by_name(session, name)
        as_of = [ago(n) for n in (0, 1, 17, 40, 101)]
        together = load(session, ids, as_of, model=model)
        pairs = list(product(ids, as_of))
        assert list(together.index) == pairs
        for number, pair in enumerate(pairs):
            alone = load_pairs(session, pairs=[pair], model=model)
            assert alone.iloc[0].to_dict() == together.iloc[number].to_dict()


def test_unknown_customers_have_no_row(session: Session) -> None:
    assert load(session, [999], [TODAY], details=True).empty
    nobody = signals.load_day(
        session, customer_ids=[], day=TODAY, model=active_model(session)[0], today=TODAY
    )
    assert signals.table(nobody).empty


def test_features_that_others_use(session: Session) -> None:
    mine, *others = [add_customer(session, f"c{n}") for n in range(4)]
    for number, customer_id in enumerate(others):
        for feature in ["b", "a", "c"][: number + 1]:
            add_activity(session, customer_id, "feature_use", ago(3), 1, feature)
    add_activity(session, others[0], "feature_use", ago(90), 1, "long ago")
    add_activity(session, mine, "feature_use", ago(1), 1, "a")
    frame = load(session, [mine], [TODAY], details=True)
    assert frame["other_features_90d"].iloc[0] == ["b", "c"]
    assert frame["feature_names_90d"].iloc[0] == ["a"]
    assert math.isnan(frame["satisfaction_mean_90d"].iloc[0])


def test_the_popular_features_are_those_of_the_customers_known_longest(session: Session) -> None:
    gone, first, second, last = [add_customer(session, f"c{n}") for n in range(4)]
    run(session, "UPDATE customer SET churned_at = :now WHERE id = :id", now=NOW, id=gone)
    for customer_id, feature in ((gone, "a"), (first, "c"), (second, "b"), (second, "c")):
        add_activity(session, customer_id, "feature_use", ago(3), 1, feature)
    add_activity(session, last, "feature_use", ago(3), 1, "d")
    asked = queries.popular_features(session, as_of=TODAY, window=90, customers=2)
    assert asked == ["c", "b"]


def test_late_committed_rows_simply_appear(session: Session) -> None:
    customer_id = add_customer(session)
    assert value(session, customer_id, Signal("logins", 30)) == 0
    add_activity(session, customer_id, "login", ago(1))
    assert value(session, customer_id, Signal("logins", 30)) == 1
    run(session, "DELETE FROM daily_activity")
    assert value(session, customer_id, Signal("logins", 30)) == 0
    assert NOW.date() == TODAY


def test_a_span_of_days_gets_what_each_of_its_days_gets(session: Session) -> None:
    chance = random.Random(7)
    connect(session, ago(60), "login", "support_ticket")
    ids = [add_customer(session, f"c{n}", created=ago(60 + 20 * n)) for n in range(8)]
    for customer_id in ids:
        for _ in range(60):
            counted = chance.choice([*SIGNALS, "feature_use", "feature_use"])
            key = chance.choice("abcdefgh") if counted == "feature_use" else ""
            day = ago(chance.randrange(-2, 260))
            add_activity(session, customer_id, counted, day, chance.randrange(1, 9), key)
        for n in range(chance.randrange(6)):
            due = ago(chance.randrange(-5, 250))
            paid = chance.choice([None, due, due - timedelta(days=3), due + timedelta(days=40)])
            add_invoice(session, customer_id, due, paid, name=f"I{n}")
            add_ticket(session, customer_id, moment(ago(chance.randrange(200)), n), "urgent")
    spans = [Span(key, ago(40 + 7 * n), ago(5 * n)) for n, key in enumerate(ids)]
    pairs = [
        (span.customer_id, span.first_day + timedelta(days=n))
        for span in spans
        for n in range((span.last_day - span.first_day).days + 1)
    ]
    standard, momentum = (model_by_name(session, name)[0] for name in ("standard", "momentum"))
    picky = standard.definition()
    picky["factors"]["feature_adoption"]["segments"] = {"smb": {"key_features": ["a", "c"]}}
    for model in (standard, momentum, ScoringModel.model_validate(picky)):
        spanned = signals.load_spans(session, spans=spans, model=model, today=TODAY)
        daily = load_pairs(session, pairs=pairs, model=model)
        pd.testing.assert_frame_equal(spanned, daily)
    asked = [
        Signal(name, window, offset=offset)
        for name in ("active_days", "days_since_login", "session_seconds", "features_used")
        for window, offset in ((7, 0), (30, 5), (90, 30))
    ]
    columns = queries.over_spans(session, spans=spans, signals=asked, today=TODAY)
    for number, (customer_id, as_of) in enumerate(pairs):
        alone = one(session, customer_id, asked, as_of)
        assert {name: values[number] for name, values in columns.items()} == alone
