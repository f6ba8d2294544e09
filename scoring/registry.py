"""Every factor, in the order in which scores are summed."""

from typing import Any

from scoring.factors.api_trend import ApiTrend
from scoring.factors.api_usage import ApiUsage
from scoring.factors.base import Factor
from scoring.factors.feature_adoption import FeatureAdoption
from scoring.factors.login_frequency import LoginFrequency
from scoring.factors.payment_timeliness import PaymentTimeliness
from scoring.factors.support_tickets import SupportTickets

FACTORS: tuple[Factor[Any], ...] = (
    ApiUsage(),
    LoginFrequency(),
    PaymentTimeliness(),
    FeatureAdoption(),
    SupportTickets(),
    ApiTrend(),
)


def find(name: str) -> Factor[Any] | None:
    """The factor with this name."""
    return next((factor for factor in FACTORS if factor.name == name), None)
