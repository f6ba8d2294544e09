"""Demo data: invented customers whose scores tell recognisable stories."""

from services.demo.loader import DAYS, Progress, load

__all__ = ["DAYS", "Progress", "load"]
