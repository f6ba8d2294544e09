"""What people call the kinds of file, and how an import tells its progress."""

from collections.abc import Mapping
from types import MappingProxyType

from services.imports import Kind, Progress

NEEDS: Mapping[Kind, str] = MappingProxyType(
    {
        "customers": "One row a customer. A row that names a customer which is here already, by "
        "external id or email, changes it.",
        "events": "One row an event: a login, an API call, the use of a feature, a payment or a "
        "support ticket.",
        "invoices": "One row an invoice, as it stands now.",
        "tickets": "One row a support ticket, as it stands now.",
    }
)
NEXT: Mapping[Kind, str] = MappingProxyType(
    {
        "customers": "Next, import what these customers do: events, invoices and tickets name "
        "them by external id, email or id.",
        "events": "Scores follow within seconds; with very many rows, within minutes.",
        "invoices": "Payment timeliness follows within seconds.",
        "tickets": "The score for support tickets follows within seconds.",
    }
)


def kind_label(kind: Kind) -> str:
    """ "Customers"."""
    return kind.capitalize()


def size(number: int) -> str:
    """ "12 kB", "80.1 MB"."""
    return f"{-(-number // 1000)} kB" if number < 100_000 else f"{number / 1e6:.1f} MB"


def share_done(progress: Progress) -> float:
    """0–1, by bytes: how many rows a file has is known only at its end."""
    return progress.bytes_done / progress.bytes_total if progress.bytes_total else 1.0


def time_left(share: float, seconds: float) -> str:
    """ "about 3 min left", from the share that took so many seconds."""
    if share <= 0:
        return "starting"
    left = seconds * (1 - share) / share
    if left < 60:
        return "less than a minute left"
    if left < 5400:
        return f"about {round(left / 60)} min left"
    return f"about {left / 3600:.0f} h left"
