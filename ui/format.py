"""Numbers, money and dates as people read them. Rounding happens here and nowhere earlier."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
NONE = "–"
_SOON = 60  # days within which a renewal is told as "in 23 days"
_WORDS = {"smb": "SMB"}


def score(value: float | None) -> str:
    """One decimal: "41.3"; a dash without a score."""
    return NONE if value is None else f"{shown_score(value):.1f}"


def shown_score(value: float) -> float:
    """A score in one decimal, from the two that REST tells.

    Never rounded up to a whole number, where bands begin: 74.96 is 74.9, as it is at risk still.
    """
    shown = _rounded(round(value, 2), 1)
    return float(shown - Decimal("0.1") if value < shown == int(shown) else shown)


def signed(value: float, decimals: int = 1) -> str:
    """With its sign and a real minus: "+1.2", "−8.5", "−1,500.0", "0.0"; halves away from zero."""
    text = f"{_rounded(abs(value), decimals):,}"
    if not text.strip("0."):
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def change(value: float | None, days: int = 30) -> str:
    """A score's change with its span: "−8.5 in 30 days"."""
    return f"no score {days} days ago" if value is None else f"{signed(value)} in {days} days"


def points(value: float) -> str:
    """Whole points with their sign: "−29"; −8.5 is "−9"."""
    return signed(value, 0)


def count(value: int) -> str:
    """ "1,284"."""
    return f"{value:,}".replace("-", MINUS)


def plural(number: int, noun: str) -> str:
    """ "1 customer", "1,284 customers"."""
    return f"{count(number)} {noun if number == 1 else noun + 's'}"


def percent(share: float) -> str:
    """A share of 0–1 as a whole percentage; never "0%" or "100%" for what is only nearly so."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{_rounded(100 * share, 0)}%"


def share(part: float | Decimal, whole: float | Decimal) -> str:
    """`part` of `whole` as a percentage; empty when there is no whole."""
    return percent(float(part) / float(whole)) if whole else ""


def money(value: Decimal | float | None) -> str:
    """Short, for text: "$6,000", "$227k", "$1.18M"."""
    if value is None:
        return NONE
    amount = Decimal(value)
    sign = MINUS if amount < 0 else ""
    amount = abs(amount)
    if amount < 10_000:
        return f"{sign}${amount.quantize(Decimal(1), ROUND_HALF_UP):,}"
    for unit, size in (("k", 10**3), ("M", 10**6), ("B", 10**9), ("T", 10**12)):
        scaled = amount / size
        places = 0 if unit == "k" else max(0, 3 - len(str(int(scaled))))
        rounded = scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if rounded < 1000 or unit == "T":
            return f"{sign}${rounded:,}{unit}"
    raise AssertionError("unreachable")


def signed_money(value: Decimal | float) -> str:
    """ "+$11k", "−$2,300"."""
    text = money(value)
    return text if text == "$0" or text.startswith(MINUS) else f"+{text}"


def money_full(value: Decimal | float | None) -> str:
    """In whole units, for tables: "$227,100"."""
    if value is None:
        return NONE
    amount = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{MINUS if amount < 0 else ''}${abs(amount):,}"


def day(value: date) -> str:
    """ "2 Jul 2027"."""
    return f"{value.day} {value:%b %Y}"


def long_day(value: date) -> str:
    """ "20 November 2026"."""
    return f"{value.day} {value:%B %Y}"


def day_and_month(value: date) -> str:
    """ "19 October": for days within the year behind us."""
    return f"{value.day} {value:%B}"


def month(value: date) -> str:
    """ "October 2023"."""
    return f"{value:%B %Y}"


def renewal(value: date | None, today: date) -> str:
    """ "renews 2 Jul 2027"; "renews in 23 days" when that is within 60 days."""
    if value is None:
        return "no renewal date"
    days = (value - today).days
    if days < 0:
        return f"renewal was {day(value)}"
    if days == 0:
        return "renews today"
    return f"renews in {plural(days, 'day')}" if days <= _SOON else f"renews {day(value)}"


def renewal_cell(value: date | None, today: date) -> str:
    """The same for a table: "2 Jul 2027", "in 23 days", a dash."""
    if value is None:
        return NONE
    return renewal(value, today).removeprefix("renews ").removeprefix("renewal was ")


def ago(value: datetime | None, now: datetime) -> str:
    """ "2 s ago", "5 min ago", "3 h ago", "yesterday"-free whole days, then the date."""
    if value is None:
        return "never"
    seconds = int((now - value).total_seconds())
    if seconds < 0:
        return clock(value) if value.date() == now.date() else day(value.date())
    for size, unit in ((60, "s"), (3600, "min"), (86_400, "h")):
        if seconds < size:
            return f"{seconds // (size // 60 if size < 86_400 else 3600)} {unit} ago"
    days = seconds // 86_400
    return f"{plural(days, 'day')} ago" if days <= 90 else day(value.date())


def clock(value: datetime) -> str:
    """ "09:15 UTC" of an aware UTC time."""
    return f"{value:%H:%M} UTC"


def segment(name: str) -> str:
    """ "Enterprise", "SMB", "Public sector"."""
    return _WORDS.get(name) or name.replace("_", " ").replace("-", " ").capitalize()


def _rounded(value: float, decimals: int) -> Decimal:
    """Halves up, for what is not negative; without the last digits' noise of a calculation."""
    exact = Decimal(str(round(float(value), 9)))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
