"""Demo data: invented customers whose scores tell recognisable stories."""

from services.demo.loader import Progress, load

__all__ = ["Progress", "load"]
