"""The numbers that factors are made of, and what each of them means.

A signal is asked for by name and window (`Signal`); `KNOWN` says what the number is. A window
of N days with offset O, as of day D, is the N UTC days that end with D − O, inclusive: both
D − O − N + 1 and D − O belong to it. Everything is **as of** D: what was paid or resolved on a
later day was still unpaid or open.

Scoring takes a table with one row for each (customer, as of) and these columns:

* `CONTEXT`: what is known of the row whatever the model (see there);
* one column for each signal of the model, named by `Signal.column`. Signals of kind `integer`
  are exact and never null, so that a score does not depend on the order of additions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Literal, NamedTuple

SOURCES = ("login", "api_call", "feature_use", "support_ticket")
"""Event types that count as not connected until the first day any customer has one."""

CONTEXT: Mapping[str, str] = MappingProxyType(
    {
        "segment": "the customer's segment (text)",
        "age_days": "as_of − the UTC day of the earlier of `created_at` and the first activity; "
        "negative before day 0 (integer)",
        **{
            f"connected_{source}": f"the first day any customer had a `{source}` event is on or "
            "before as_of (true or false)"
            for source in SOURCES
        },
    }
)

Kind = Literal["integer", "float", "object"]


class Definition(NamedTuple):
    """What a signal's column holds."""

    kind: Kind
    """`integer`: int64, never null. `float`: float64, NaN where there is none. `object`: Python
    lists, mappings or text, None where unknown. Only explanations read the last two."""
    meaning: str


KNOWN: Mapping[str, Definition] = MappingProxyType(
    {
        # --- enough for a score -----------------------------------------------------------
        "logins": Definition("integer", "logins in window"),
        "api_calls": Definition("integer", "API calls in window, errors included"),
        "api_errors": Definition("integer", "API calls in window with status 400 or above"),
        "features_used": Definition(
            "integer", "distinct features used in window; with `keys`, only those features count"
        ),
        "invoices_due": Definition(
            "integer",
            "countable invoices: due_date in window, and paid on or before as_of or "
            "due_date < as_of",
        ),
        "late_days": Definition(
            "integer",
            "Σ over the countable invoices of min(days late, cap), where days late = "
            "max(0, paid_date − due_date) when paid on or before as_of, else as_of − due_date; "
            "cap 0 means uncapped, cap 1 counts the late invoices",
        ),
        "tickets_low": Definition("integer", "tickets of priority low opened in window"),
        "tickets_medium": Definition("integer", "tickets of priority medium opened in window"),
        "tickets_high": Definition("integer", "tickets of priority high opened in window"),
        "tickets_urgent": Definition("integer", "tickets of priority urgent opened in window"),
        # --- only to explain it -----------------------------------------------------------
        "active_days": Definition("integer", "distinct days in window with a login"),
        "days_since_login": Definition(
            "integer", "as_of − the newest day in window with a login; −1 without one"
        ),
        "session_seconds": Definition("integer", "Σ session_seconds of the logins in window"),
        "distinct_users": Definition(
            "integer",
            "users whose newest event lies in window; −1 where unknown (as of a past day)",
        ),
        "distinct_endpoints": Definition(
            "integer",
            "endpoints whose newest call lies in window; −1 where unknown (as of a past day)",
        ),
        "days_since_api_call": Definition(
            "integer", "as_of − the newest day in window with an API call; −1 without one"
        ),
        "feature_names": Definition("object", "sorted list of the features used in window"),
        "other_features": Definition(
            "object",
            "list of at most 10 features that other customers used in window and this one did "
            "not, those with most customers first, then by name",
        ),
        "overdue_invoices": Definition(
            "integer", "countable invoices that are unpaid as of the day (so due_date < as_of)"
        ),
        "oldest_overdue_days": Definition(
            "integer", "the largest as_of − due_date among the overdue invoices; 0 without one"
        ),
        "oldest_overdue_invoice": Definition(
            "object", "invoice_id of that invoice (ties: the first by id); None without one"
        ),
        "outstanding": Definition(
            "object", "mapping currency → Σ amount of the overdue invoices; empty without one"
        ),
        "tickets_open": Definition("integer", "tickets opened in window and open as of the day"),
        "tickets_urgent_open": Definition("integer", "those of them with priority urgent"),
        "oldest_open_days": Definition(
            "integer",
            "the largest as_of − the day of opened_at among the open tickets; −1 without one",
        ),
        "resolution_hours_median": Definition(
            "float",
            "median of resolved_at − opened_at in hours, over tickets opened in window and "
            "resolved on or before as_of",
        ),
        "satisfaction_mean": Definition(
            "float",
            "mean satisfaction (1–5) of the tickets opened in window, those resolved after as_of "
            "left out",
        ),
    }
)


@dataclass(frozen=True, order=True)
class Signal:
    """One column to derive from stored facts.

    Args:
        name: one of `KNOWN`.
        window: days, at least 1.
        offset: days that the window ends before as_of.
        cap: most days that one invoice adds to `late_days`; 0 is uncapped.
        keys: the features that `features_used` counts; empty counts all.

    Raises:
        ValueError: for an unknown name, an empty window or a negative offset or cap.
    """

    name: str
    window: int
    offset: int = 0
    cap: int = 0
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in KNOWN:
            raise ValueError(f"unknown signal {self.name!r}; known are {', '.join(KNOWN)}")
        if self.window < 1 or self.offset < 0 or self.cap < 0:
            raise ValueError(f"{self.name}: window ≥ 1, offset ≥ 0 and cap ≥ 0 are required")
        object.__setattr__(self, "keys", tuple(sorted(set(self.keys))))

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        return KNOWN[self.name].kind

    @property
    def column(self) -> str:
        """The column's name, for example `logins_30d` or `api_calls_30d_before_30d`."""
        parts = [self.name, f"{self.window}d"]
        if self.offset:
            parts.append(f"before_{self.offset}d")
        if self.cap:
            parts.append(f"cap{self.cap}")
        if self.keys:
            parts.append("keys_" + sha256("\0".join(self.keys).encode()).hexdigest()[:12])
        return "_".join(parts)
