"""Who the demo customers are: invented companies, their owners, contracts and people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from faker import Faker

from services.demo.lives import Lives

SEGMENT_SHARES = {"startup": 0.40, "smb": 0.40, "enterprise": 0.20}
ARR = {"startup": (4_000, 18_000), "smb": (15_000, 75_000), "enterprise": (90_000, 480_000)}
USERS = {"startup": (3, 9), "smb": (6, 25), "enterprise": (20, 60)}
TRADES = (
    "Analytics", "Biotech", "Capital", "Foods", "Freight", "Health", "Insurance", "Labs",
    "Logistics", "Media", "Mobility", "Networks", "Outdoors", "Payments", "Pharma", "Retail",
    "Robotics", "Software", "Studios", "Systems", "Travel", "Works",
)  # fmt: skip
OWNERS = 5


@dataclass(frozen=True)
class Company:
    """A demo customer before it has an id."""

    external_id: str
    name: str
    email: str
    segment: str
    owner: str
    arr: Decimal
    renewal_date: date
    created_at: datetime
    churned_at: datetime | None
    users: tuple[str, ...]


class Inventor:
    """Makes companies, none named like another; the same ones for the same arguments."""

    def __init__(self, *, as_of: date, seed: int) -> None:
        faker = Faker("en_US")
        faker.seed_instance(seed)
        self._faker, self._as_of = faker, as_of
        self._owners = [faker.unique.name_nonbinary() for _ in range(OWNERS)]
        self._first_names = sorted({faker.first_name().lower() for _ in range(400)})
        self._taken: set[str] = set()

    def companies(self, lives: Lives, rng: np.random.Generator) -> list[Company]:
        """A company for each life."""
        ages = zip(lives.age.tolist(), lives.left.tolist(), strict=True)
        return [self._company(age, left, rng) for age, left in ages]

    def _company(self, age: int, left: int, rng: np.random.Generator) -> Company:
        segment = str(rng.choice(list(SEGMENT_SHARES), p=list(SEGMENT_SHARES.values())))
        name, slug = self._new_name()
        low, high = ARR[segment]
        # Small contracts are common, large ones rare: log-uniform, in round sums.
        arr = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))) / 600) * 600
        created = self._as_of - timedelta(days=age)
        churned = _at(self._as_of - timedelta(days=left), rng) if left else None
        people = rng.choice(
            self._first_names, size=int(rng.integers(*USERS[segment])), replace=False
        )
        return Company(
            external_id=f"CH-{len(self._taken):05d}",
            name=name,
            email=f"team@{slug}.example",
            segment=segment,
            owner=self._owners[int(rng.integers(OWNERS))],
            arr=Decimal(arr),
            renewal_date=_renewal(created, churned, self._as_of, rng),
            created_at=_at(created, rng),
            churned_at=churned,
            users=tuple(f"{person}@{slug}.example" for person in people),
        )

    def _new_name(self) -> tuple[str, str]:
        """A company name and its internet name, neither used before."""
        for _ in range(5):
            name = f"{self._faker.last_name()} {self._faker.random_element(TRADES)}"
            if name not in self._taken:
                break
        else:
            name = f"{name} {len(self._taken) + 1}"
        self._taken.add(name)
        return name, "".join(letter for letter in name.lower() if letter.isalnum())


def _renewal(
    created: date, churned: datetime | None, as_of: date, rng: np.random.Generator
) -> date:
    """The next anniversary of the contract, or the one at which a churned customer left."""
    if churned:
        return churned.date() + timedelta(days=int(rng.integers(0, 45)))
    since_anniversary = (as_of - created).days % 365
    return as_of + timedelta(days=365 - since_anniversary)


def _at(day: date, rng: np.random.Generator) -> datetime:
    """A moment of that day's office hours."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(seconds=int(rng.integers(8 * 3600, 18 * 3600)))
