"""What every measurement gets: the databases by size, and the clock they were loaded at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Engine

from benchmarks.lab import Lab
from benchmarks.portfolio import Portfolio, load
from benchmarks.rows import Row
from services.clock import utc_day

SMALLEST = 100
SIZES = (SMALLEST, 1_000, 10_000, 100_000)
Tell = Callable[[str], None]


@dataclass
class Bench:
    """Loaded portfolios, and what has been found so far."""

    lab: Lab
    main: int
    """The size that the rows speak of."""
    sizes: tuple[int, ...]
    """All sizes, ascending; the main one is among them."""
    now: datetime
    tell: Tell
    engines: dict[int, Engine] = field(default_factory=dict)
    portfolios: dict[int, Portfolio] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    growth: dict[str, dict[int, float]] = field(default_factory=dict)
    """What, with its unit → size → value."""
    profile: dict[str, float] = field(default_factory=dict)
    """Stage of the rescore → seconds, at the main size."""
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Process → MB now and at the peak."""

    @property
    def today(self) -> date:
        """The UTC day that scores describe."""
        return utc_day(self.now)

    @property
    def largest(self) -> int:
        """The last of the sizes."""
        return self.sizes[-1]

    def name(self, size: int) -> str:
        """The database of this size."""
        return f"portfolio_{size}"

    def url(self, size: int) -> str:
        """Where it is."""
        return self.lab.url(self.name(size))

    def load(self) -> None:
        """Make and fill every database."""
        for size in self.sizes:
            engine = self.lab.create(self.name(size))
            self.engines[size] = engine
            self.portfolios[size] = load(engine, customers=size, now=self.now, tell=self.tell)

    def grew(self, what: str, size: int, value: float) -> None:
        """Keep a figure of the growth table."""
        self.growth.setdefault(what, {})[size] = value
