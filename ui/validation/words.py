"""Figures of a validation as people read them."""

from services.validation.views import Estimate
from ui import format as as_text

AUC_MEANS = (
    "How often, of a customer that left and one that stayed, the one that left was ranked as the "
    "riskier: 0.5 is chance, 1 is never wrong"
)


def figure(value: float | None) -> str:
    """ "0.76", and a dash where there is none."""
    return as_text.NONE if value is None else f"{value:.2f}".replace("-", as_text.MINUS)


def signed_figure(value: float | None) -> str:
    """ "+0.03": what is added or taken."""
    return as_text.NONE if value is None else as_text.signed(value, 2)


def between(found: Estimate) -> str:
    """ "0.64 to 0.87", the middle 95%; empty where nobody can say."""
    if found.low is None or found.high is None:
        return ""
    return f"{figure(found.low)} to {figure(found.high)}"


def days(number: int) -> str:
    """ "1 day", "65 days"."""
    return as_text.plural(number, "day")
