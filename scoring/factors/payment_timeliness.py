"""Whether invoices are paid on time."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, Factor, Gap, KeyNumber, Params, Row, Scores
from scoring.signals import Signal
from scoring.text import days, money, number, percent, plural


class PaymentParams(Params):
    """Parameters of payment_timeliness."""

    decay_days: Annotated[int, Field(ge=0, le=730)] = Field(
        description="days late after which an invoice earns nothing; 0: late earns nothing"
    )
    neutral: float | None = Field(
        ge=0, le=100, description="score without any invoice due; unset: no data", default=None
    )


class PaymentTimeliness(Factor[PaymentParams]):
    """Mean credit of the invoices due in the window."""

    name = "payment_timeliness"
    label = "Payment timeliness"
    formula = (
        "100 · mean credit of the invoices due in window: 1 when paid by its due date; when paid "
        "d days late, or unpaid and d days overdue, max(0, 1 − d / decay_days), and 0 when "
        "decay_days = 0; an invoice that is unpaid and not past its due date does not count"
    )
    description = (
        "Whether the customer pays when it should. Late payment often comes before leaving."
    )
    more_gaps = ("without an invoice due in window, unless the model sets `neutral`",)
    params_type = PaymentParams

    def signals(self, params: PaymentParams) -> tuple[Signal, ...]:
        # Σ credit = n − Σ min(d, decay) / decay: an exact integer keeps a score reproducible.
        return (
            Signal("invoices_due", params.window),
            Signal("late_days", params.window, cap=max(params.decay_days, 1)),
        )

    def detail_signals(self, params: PaymentParams) -> tuple[Signal, ...]:
        names = (
            "overdue_invoices",
            "oldest_overdue_days",
            "oldest_overdue_invoice",
            "outstanding",
        )
        return (
            _late_invoices(params),
            _late_days(params),
            *(Signal(name, params.window) for name in names),
        )

    def neutral(self, params: PaymentParams) -> float | None:
        return params.neutral

    def evaluate(self, columns: Columns, params: PaymentParams) -> Scores:
        due, late_days = (columns[signal.column] for signal in self.signals(params))
        credit = due - late_days / max(params.decay_days, 1)
        return np.where(due > 0, 100.0 * credit / np.maximum(due, 1), np.nan)

    def gap(self, row: Row, params: PaymentParams) -> Gap | None:
        found = super().gap(row, params)
        if found is None and not row[self.signals(params)[0].column]:
            return Gap("no_invoices", f"No invoices due in {days(params.window)}")
        return found

    def details(self, row: Row, params: PaymentParams) -> dict[str, Any]:
        due = int(row[self.signals(params)[0].column])
        late = int(row[_late_invoices(params).column])
        late_days = int(row[_late_days(params).column])
        overdue, oldest_days, oldest_id, outstanding = (
            row[signal.column] for signal in self.detail_signals(params)[2:]
        )
        return {
            "window_days": params.window,
            "invoices_due": due,
            "invoices_on_time": due - late,
            "on_time_share": (due - late) / due,
            "invoices_late": late,
            "mean_delay_days": late_days / due,
            "overdue_invoices": int(overdue),
            "oldest_overdue_days": int(oldest_days),
            "oldest_overdue_invoice": None if oldest_id is None else str(oldest_id),
            "outstanding": {str(code): float(sum_) for code, sum_ in (outstanding or {}).items()},
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        due, on_time = details["invoices_due"], details["invoices_on_time"]
        window = days(details["window_days"])
        if due == 1:
            paid = "was paid on time" if on_time else "was not paid on time"
            text = f"The only invoice due in {window} {paid}"
        elif on_time == due:
            text = f"All {number(due)} invoices due in {window} were paid on time"
        else:
            verb = "was" if on_time == 1 else "were"
            share = number(on_time) if on_time else "None"
            text = f"{share} of {number(due)} invoices due in {window} {verb} paid on time"
        overdue = details["overdue_invoices"]
        if overdue and due > 1:
            text += f", {number(overdue)} still unpaid"
        elif overdue:
            text += f" and is still unpaid after {days(details['oldest_overdue_days'])}"
        return f"{text}."

    def recommend(self, details: Mapping[str, Any]) -> str:
        overdue, oldest = details["overdue_invoices"], details["oldest_overdue_days"]
        amount = money(details["outstanding"])
        name = details["oldest_overdue_invoice"]
        if overdue == 1:
            which = f"invoice {name}" if name else "the open invoice"
            return f"Send a reminder for {which}, {days(oldest)} overdue: {amount} outstanding."
        if overdue:
            which = f"{name}, the oldest" if name else "the oldest"
            return (
                f"Call about {number(overdue)} overdue invoices, {amount} outstanding: {which}, "
                f"is {days(oldest)} overdue."
            )
        delay = details["mean_delay_days"] * details["invoices_due"] / details["invoices_late"]
        return (
            f"Agree on a payment date that fits: {plural(details['invoices_late'], 'invoice')} "
            f"came {plural(round(delay, 1), 'day')} late{_on_average(details)}, none is open."
        )

    def recommend_data(self, score: float) -> str:
        return (
            "Record this customer's invoices: none is known for the window, so payment counts as "
            f"a neutral {number(score)}."
        )

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        found = [
            KeyNumber("On time", percent(details["on_time_share"])),
            KeyNumber("Mean delay", plural(round(details["mean_delay_days"], 1), "day")),
        ]
        if details["outstanding"]:
            found.append(KeyNumber("Outstanding", money(details["outstanding"])))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        paid = [
            f"{number(details['invoices_on_time'])} of {number(details['invoices_due'])}"
            for details in (was, now)
        ]
        window = days(now["window_days"])
        text = f"Invoices paid on time went from {paid[0]} to {paid[1]} in {window}"
        if paid[0] == paid[1]:
            text = f"{paid[1]} invoices due in {window} were paid on time, as before"
        delays = [number(details["mean_delay_days"]) for details in (was, now)]
        if delays[0] != delays[1]:
            text += f", the mean delay from {delays[0]} to {delays[1]} days"
        overdue = now["overdue_invoices"]
        return f"{text}, {number(overdue)} still unpaid" if overdue else text


def _late_invoices(params: PaymentParams) -> Signal:
    return Signal("late_days", params.window, cap=1)


def _late_days(params: PaymentParams) -> Signal:
    return Signal("late_days", params.window)


def _on_average(details: Mapping[str, Any]) -> str:
    return "" if details["invoices_late"] == 1 else " on average"
