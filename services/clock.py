"""The only place that asks what time it is; everything below takes time as an argument."""

from datetime import UTC, date, datetime


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def utc_day(moment: datetime) -> date:
    """The UTC day on which an aware `moment` falls."""
    return moment.date() if moment.tzinfo is UTC else moment.astimezone(UTC).date()
