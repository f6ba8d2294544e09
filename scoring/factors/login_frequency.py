"""How often people log in."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, KeyNumber, Params, Row, Scores
from scoring.factors.usage import (
    UsageFactor,
    prorated,
    prorated_details,
    spoken_target,
    told_target,
)
from scoring.signals import Signal
from scoring.text import days, duration, moved, number, plural


class LoginParams(Params):
    """Parameters of login_frequency."""

    target: float = Field(gt=0, description="logins in the window that score 100")


class LoginFrequency(UsageFactor[LoginParams]):
    """Logins against a target."""

    name = "login_frequency"
    label = "Login frequency"
    formula = "100 · min(1, logins in window / target)"
    description = (
        "Whether people come back to the product. Fewer logins are the first sign of loss."
    )
    source = "login"
    source_label = "logins"
    params_type = LoginParams

    def signals(self, params: LoginParams) -> tuple[Signal, ...]:
        return (Signal("logins", params.window),)

    def detail_signals(self, params: LoginParams) -> tuple[Signal, ...]:
        names = ("active_days", "days_since_login", "session_seconds", "distinct_users")
        return tuple(Signal(name, params.window) for name in names)

    def evaluate(self, columns: Columns, params: LoginParams) -> Scores:
        logins = columns[Signal("logins", params.window).column]
        return 100.0 * np.minimum(1.0, logins / prorated(params.target, columns, params.window))

    def details(self, row: Row, params: LoginParams) -> dict[str, Any]:
        def whole(name: str) -> int:
            return int(row[Signal(name, params.window).column])

        users, since = whole("distinct_users"), whole("days_since_login")
        return {
            **prorated_details(params.target, row, params.window, name="target"),
            "logins": whole("logins"),
            "active_days": whole("active_days"),
            "distinct_users": users if users >= 0 else None,
            "session_seconds": whole("session_seconds"),
            "days_since_login": since if since >= 0 else None,
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        window, target = days(details["observed_days"]), spoken_target(details, "target")
        if not details["logins"]:
            return f"No logins in {window}, of a {target}."
        return (
            f"{plural(details['logins'], 'login')} in {window} on {days(details['active_days'])}, "
            f"of a {target}."
        )

    def recommend(self, details: Mapping[str, Any]) -> str:
        since = details["days_since_login"]
        if since is None:
            observed = days(details["observed_days"])
            return f"Call the main contact: nobody has logged in for {observed} or more."
        if since >= 7:
            return f"Call the main user: nobody has logged in for {days(since)}."
        if details["distinct_users"] == 1:
            return "Offer training for a wider team: only 1 person logs in."
        missing = math.ceil(details["target"] - details["logins"])
        return (
            f"Ask what keeps people away: {plural(missing, 'login')} short of the target, on "
            f"{days(details['active_days'])} of {details['observed_days']}."
        )

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        found = [
            KeyNumber("Logins", f"{number(details['logins'])} of {number(details['target'])}"),
            KeyNumber("Active days", number(details["active_days"])),
        ]
        if details["distinct_users"] is not None:
            found.append(KeyNumber("Users", number(details["distinct_users"])))
        if details["session_seconds"]:
            found.append(KeyNumber("Session time", duration(details["session_seconds"])))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        window, target = days(now["observed_days"]), told_target(was, now, "target")
        if was["logins"] == now["logins"]:
            return f"{plural(now['logins'], 'login')} in {window}, as before{target}"
        return f"{moved('Logins', was['logins'], now['logins'])} in {window}{target}"
