"""A chunk's demo events as columns of `event`, with the content that live ingestion would store."""

from collections.abc import Sequence

import numpy as np

from services.demo.column_text import Columns, Ints, moments, zipped
from services.demo.companies import Company
from services.demo.records import RecordEvent
from services.demo.usage import ENDPOINTS, FEATURES, METHODS, Simulation, Usage
from services.event_content import canonical_json, content_hash

SOURCE = "demo"


def event_texts(
    usage: Simulation, records: Sequence[RecordEvent], companies: Sequence[Company]
) -> list[str]:
    """The canonical JSON of every event's data: usage by type, then tickets and invoices."""
    return [
        *_logins(usage.logins, companies),
        *_api_calls(usage.api_calls),
        *_feature_uses(usage.feature_uses, companies),
        *(canonical_json(record.data) for record in records),
    ]


def event_columns(
    ids: Sequence[int],
    order: Ints,
    customer: Ints,
    second: Ints,
    event_ids: Sequence[str],
    types: Sequence[str],
    texts: Sequence[str],
    subjects: Sequence[str],
) -> Columns:
    """`event`, in the given order; each event came in when it happened."""
    happened = moments(second[order])
    id_texts = [str(customer_id) for customer_id in ids]
    places = order.tolist()
    return {
        "customer_id": [id_texts[number] for number in customer[order].tolist()],
        "event_id": event_ids,
        "event_type": [types[place] for place in places],
        "occurred_at": happened,
        "received_at": happened,
        "source": [SOURCE] * len(places),
        "subject_id": [subjects[place] for place in places],
        "data": [texts[place] for place in places],
        "content_hash": [
            "\\x" + content_hash(types[place], texts[place]).hex() for place in places
        ],
    }


def event_ids(sorted_customers: Ints) -> list[str]:
    """Numbered by each customer's own events, in the order in which they happened."""
    starts = np.searchsorted(sorted_customers, sorted_customers)
    return [f"demo-{serial:07d}" for serial in (np.arange(starts.size) - starts + 1).tolist()]


def _logins(batch: Usage, companies: Sequence[Company]) -> list[str]:
    return [
        f'{{"session_seconds":{n},"user_id":"{companies[customer].users[user]}"}}'
        for customer, user, n in zipped(batch.customer, batch.user, batch.n)
    ]


def _api_calls(batch: Usage) -> list[str]:
    return [
        f'{{"count":{n},"endpoint":"{ENDPOINTS[endpoint]}","method":"{METHODS[endpoint]}",'
        f'"response_time":{slow},"status_code":{status}}}'
        for endpoint, n, slow, status in zipped(
            batch.subject, batch.n, batch.milliseconds, batch.status
        )
    ]


def _feature_uses(batch: Usage, companies: Sequence[Company]) -> list[str]:
    return [
        f'{{"count":{n},"feature_name":"{FEATURES[feature]}",'
        f'"user_id":"{companies[customer].users[user]}"}}'
        for customer, feature, user, n in zipped(batch.customer, batch.subject, batch.user, batch.n)
    ]
