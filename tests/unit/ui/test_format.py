"""Numbers, money and dates as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ui import format as as_text

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (0, "$0"),
        (6000, "$6,000"),
        (Decimal("9999.49"), "$9,999"),
        (17_300, "$17k"),
        (227_100, "$227k"),
        (999_499, "$999k"),
        (999_500, "$1.00M"),
        (1_180_000, "$1.18M"),
        (12_345_678, "$12.3M"),
        (118_000_000, "$118M"),
        (10**12, "$1.00T"),
        (-2300, "−$2,300"),
    ],
)
def test_money_in_text(amount: Decimal | None, text: str) -> None:
    assert as_text.money(amount) == text


def test_money_in_tables_and_changes() -> None:
    assert as_text.money_full(Decimal("227100.50")) == "$227,101"
    assert as_text.money_full(None) == "–"
    assert [as_text.signed_money(v) for v in (11_000, -11_000, 0)] == ["+$11k", "−$11k", "$0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.24, "+1.2"),
        (-8.46, "−8.5"),
        (0.04, "0.0"),
        (-0.04, "0.0"),
        (0, "0.0"),
        (-1500, "−1,500.0"),
    ],
)
def test_a_change_has_a_real_sign_or_none(value: float, text: str) -> None:
    assert as_text.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (46.25, "46.3"),  # not the nearest even digit
        (46.2471, "46.3"),  # as REST's 46.25
        (74.94, "74.9"),
        (74.96, "74.9"),  # at risk: not the 75.0 of a healthy customer
        (74.999, "74.9"),
        (75.0, "75.0"),
        (99.97, "99.9"),
        (0.0, "0.0"),
        (None, "–"),
    ],
)
def test_a_score_never_reads_as_the_band_above(value: float | None, text: str) -> None:
    assert as_text.score(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-8.5, "−9"),
        (8.5, "+9"),
        (-9.5, "−10"),
        (-8.499_999_999_99, "−9"),
        (-0.4, "0"),
        (-29, "−29"),
    ],
)
def test_points_are_rounded_away_from_zero(value: float, text: str) -> None:
    assert as_text.points(value) == text


def test_a_change_names_its_span() -> None:
    assert as_text.change(-8.46) == "−8.5 in 30 days"
    assert as_text.change(None, 7) == "no score 7 days ago"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.57, "57%"), (0.625, "63%"), (0.995, ">99%"), (1, "100%")],
)
def test_nearly_is_not_all_or_nothing(share: float, text: str) -> None:
    assert as_text.percent(share) == text


def test_share_without_a_whole_is_silent() -> None:
    assert as_text.share(0, 0) == ""


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (-1, "renewal was 20 Nov 2026"),
        (0, "renews today"),
        (1, "renews in 1 day"),
        (60, "renews in 60 days"),
        (61, "renews 21 Jan 2027"),
    ],
)
def test_renewal(days: int, text: str) -> None:
    assert as_text.renewal(TODAY + timedelta(days=days), TODAY) == text


def test_renewal_in_a_table() -> None:
    cells = [as_text.renewal_cell(TODAY + timedelta(days=days), TODAY) for days in (-1, 23, 90)]
    assert cells == ["20 Nov 2026", "in 23 days", "19 Feb 2027"]
    assert as_text.renewal_cell(None, TODAY) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 day ago"),
        (90 * 86_400, "90 days ago"),
        (91 * 86_400, "22 Aug 2026"),
    ],
)
def test_ago(seconds: int, text: str) -> None:
    assert as_text.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_dates_counts_and_segments() -> None:
    assert as_text.day(date(2027, 7, 2)) == "2 Jul 2027"
    assert as_text.long_day(TODAY) == "21 November 2026"
    assert as_text.count(1284) == "1,284"
    assert as_text.plural(1, "customer") == "1 customer"
    assert [as_text.segment(s) for s in ("smb", "enterprise", "public_sector")] == [
        "SMB",
        "Enterprise",
        "Public sector",
    ]
