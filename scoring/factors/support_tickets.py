"""How much help the customer needs."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, Factor, KeyNumber, Params, Row, Scores
from scoring.signals import Signal
from scoring.text import days, duration, listed, moved, number, plural

LOAD = {"low": 0.5, "medium": 1.0, "high": 1.5, "urgent": 2.5}
"""What one ticket of each priority weighs."""


class TicketParams(Params):
    """Parameters of support_tickets."""

    points_per_ticket: float = Field(ge=0, description="points that one medium ticket costs")


class SupportTickets(Factor[TicketParams]):
    """Tickets opened in the window, by priority."""

    name = "support_tickets"
    label = "Support tickets"
    formula = (
        "max(0, 100 − points_per_ticket · load), load = Σ over tickets opened in window of "
        "low 0.5, medium 1, high 1.5, urgent 2.5"
    )
    description = "How often things go wrong for the customer, and how badly."
    source = "support_ticket"
    source_label = "support tickets"
    params_type = TicketParams

    def signals(self, params: TicketParams) -> tuple[Signal, ...]:
        return tuple(Signal(f"tickets_{priority}", params.window) for priority in LOAD)

    def detail_signals(self, params: TicketParams) -> tuple[Signal, ...]:
        names = (
            "tickets_open",
            "tickets_urgent_open",
            "oldest_open_days",
            "resolution_hours_median",
            "satisfaction_mean",
        )
        return tuple(Signal(name, params.window) for name in names)

    def evaluate(self, columns: Columns, params: TicketParams) -> Scores:
        load = np.zeros(len(columns["age_days"]))
        for signal, weight in zip(self.signals(params), LOAD.values(), strict=True):
            load = load + weight * columns[signal.column]
        return 100.0 - params.points_per_ticket * load

    def details(self, row: Row, params: TicketParams) -> dict[str, Any]:
        counts = [int(row[signal.column]) for signal in self.signals(params)]
        still_open, urgent_open, oldest, hours, satisfaction = (
            row[signal.column] for signal in self.detail_signals(params)
        )
        return {
            "window_days": params.window,
            "tickets": sum(counts),
            "tickets_by_priority": dict(zip(LOAD, counts, strict=True)),
            "load": sum(n * weight for n, weight in zip(counts, LOAD.values(), strict=True)),
            "open_tickets": int(still_open),
            "urgent_open_tickets": int(urgent_open),
            "oldest_open_days": int(oldest) if oldest >= 0 else None,
            "median_resolution_hours": _known(hours),
            "satisfaction": _known(satisfaction),
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        window, tickets = days(details["window_days"]), details["tickets"]
        if not tickets:
            return f"No tickets in {window}."
        severe = [
            f"{number(details['tickets_by_priority'][priority])} {priority}"
            for priority in ("urgent", "high")
            if details["tickets_by_priority"][priority]
        ]
        kinds = f" ({listed(severe)})" if severe else ""
        still = f"{number(details['open_tickets'])} still open"
        rest = still if details["open_tickets"] else "none open"
        return f"{plural(tickets, 'ticket')}{kinds} in {window}, {rest}."

    def recommend(self, details: Mapping[str, Any]) -> str:
        urgent, still_open = details["urgent_open_tickets"], details["open_tickets"]
        age = days(details["oldest_open_days"] or 0)
        if urgent:
            which = "urgent ticket" if urgent == 1 else plural(urgent, "urgent ticket")
            return f"Escalate the {which} still open; the oldest open ticket is {age} old."
        if still_open == 1:
            return f"Resolve the open ticket, {age} old."
        if still_open:
            return f"Resolve the {plural(still_open, 'open ticket')}, the oldest {age} old."
        return (
            f"Review the causes together: {plural(details['tickets'], 'ticket')} in "
            f"{days(details['window_days'])}, all resolved."
        )

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        found = [
            KeyNumber("Tickets", number(details["tickets"])),
            KeyNumber("Open", number(details["open_tickets"])),
        ]
        hours, satisfaction = details["median_resolution_hours"], details["satisfaction"]
        if hours is not None:
            found.append(KeyNumber("Median resolution", duration(3600 * hours)))
        if satisfaction is not None:
            found.append(KeyNumber("Satisfaction", f"{satisfaction:.1f} of 5"))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        window = days(now["window_days"])
        if was["tickets"] == now["tickets"]:
            load = moved("their load", was["load"], now["load"])
            return f"{plural(now['tickets'], 'ticket')} in {window}, as before, but {load}"
        severe = [
            f"{number(count)} {priority}"
            for priority, count in reversed(now["tickets_by_priority"].items())
            if priority in ("urgent", "high") and count
        ]
        kinds = f" ({listed(severe)})" if severe else ""
        return f"{moved('Tickets', was['tickets'], now['tickets'])} in {window}{kinds}"


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
