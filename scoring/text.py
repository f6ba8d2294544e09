"""Numbers as people read them, in the sentences and key numbers of factors."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"


def number(value: float, decimals: int = 1) -> str:
    """`1,234`, `4.7`, `−3`: thousands separators, a real minus sign, no idle decimals."""
    exact = Decimal(str(round(float(value), 9)))  # without a calculation's noise
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", MINUS)


def plural(count: float, singular: str) -> str:
    """`1 login`, `1,234 logins`, `2 API calls`."""
    return f"{number(count)} {singular if count == 1 else singular + 's'}"


def days(count: int) -> str:
    """`1 day`, `30 days`."""
    return plural(count, "day")


def percent(share: float, decimals: int = 0) -> str:
    """`63%` for 0.63."""
    return f"{number(100 * share, decimals)}%"


def signed_percent(share: float) -> str:
    """`+12%`, `−8%`, `0%`."""
    text = percent(share)
    return f"+{text}" if not text.startswith(("0%", MINUS)) else text


def money(amounts: Mapping[str, float]) -> str:
    """`$3,546`, `EUR 12.50`; several currencies joined with a plus sign."""
    parts = []
    for currency, amount in sorted(amounts.items()):
        figure = f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.2f}"
        parts.append(f"${figure}" if currency == "USD" else f"{currency} {figure}")
    return " + ".join(parts) or "$0"


def duration(seconds: float) -> str:
    """`45 s`, `15 min`, `3 h 20 min`, `31 h`."""
    if seconds < 60:
        return f"{number(seconds, 0)} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{number(hours)} h {minutes} min" if minutes and hours < 10 else f"{number(hours)} h"


def listed(words: Iterable[str]) -> str:
    """`Alerts`, `Alerts and SSO`, `Alerts, Exports and SSO`."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def signed(points: float) -> str:
    """`+3.2`, `−9.1`, `0.0`: always one decimal."""
    text = f"{abs(points):.1f}"
    return text if text == "0.0" else f"{'+' if points > 0 else MINUS}{text}"


def moved(what: str, before: float, after: float, decimals: int = 1) -> str:
    """`Logins fell from 22 to 6`."""
    verb = "rose" if after > before else "fell"
    return f"{what} {verb} from {number(before, decimals)} to {number(after, decimals)}"
