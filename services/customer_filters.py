"""Which customers a list shows, and in which order: the vocabulary of the API and the page."""

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import get_args

from sqlmodel import Session

from db.queries import customer_list as queries
from db.queries import portfolio
from db.queries.list_sources import Churned
from services.errors import InvalidInput
from services.pagination import fingerprint
from services.scoring_models import active_model
from services.views import STATUSES

SORTS: tuple[str, ...] = tuple(name for key in queries.SORT_KEYS for name in (key, f"-{key}"))
"""Every offered sort; `-` means descending. Nulls come last both ways, ties by id."""

DEFAULT_SORT = "overall_score"
CHURNED: tuple[str, ...] = get_args(Churned)


@dataclass(frozen=True)
class CustomerFilters:
    """Values of one field are alternatives, fields combine; empty means no restriction."""

    status: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    q: str | None = None
    """Plain text: part of the name, email or external_id, in any case."""
    min_score: float | None = None
    max_score: float | None = None
    """Inclusive bounds on the unrounded score; both leave out customers without one."""
    churned: str = "false"
    """`false` (still with us), `true` or `any`."""

    @property
    def only_groups(self) -> bool:
        """Whether the portfolio's totals tell how many customers this leaves."""
        return not self.owner and not self.q and self.min_score is None and self.max_score is None


def check_filters(session: Session, filters: CustomerFilters) -> None:
    """Refuse what can't be meant.

    Raises:
        InvalidInput: naming the filter.
    """
    _one_of("status", filters.status, STATUSES)
    _one_of("churned", (filters.churned,), CHURNED)
    for field in ("min_score", "max_score"):
        value = getattr(filters, field)
        if value is not None and not math.isfinite(value):
            raise InvalidInput(field, "Must be a finite number.")
    for field, texts in (
        ("q", (filters.q or "",)),
        ("segment", filters.segment),
        ("owner", filters.owner),
    ):
        for text in texts:
            check_text(field, text)
    if filters.segment:
        known = set(active_model(session)[0].segments)
        unknown = [name for name in filters.segment if name not in known]
        # A model may have dropped a segment that customers still have.
        _one_of("segment", unknown, portfolio.existing_segments(session, segments=unknown), known)


def check_sort(sort: str) -> None:
    """Raises: InvalidInput: when the sort isn't offered."""
    if sort not in SORTS:
        raise InvalidInput("sort", f"Must be one of {', '.join(SORTS)}.")


def check_text(field: str, text: str) -> None:
    """Raises: InvalidInput: when PostgreSQL could not take it as text."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(field, "Must not hold NUL or lone surrogates.")


def filters_fingerprint(filters: CustomerFilters, sort: str) -> str:
    """The same for filters that mean the same, whatever the order of their values."""
    parts = (sorted(set(p)) if isinstance(p, tuple) else p for p in astuple(filters))
    return fingerprint("customers", sort, *parts)


def _one_of(
    field: str, values: Iterable[str], allowed: Iterable[str], named: Iterable[str] | None = None
) -> None:
    wrong = [value for value in values if value not in allowed]
    if wrong:
        names = ", ".join(sorted(named) if named is not None else allowed)
        raise InvalidInput(field, f"Must be one of {names}.")
