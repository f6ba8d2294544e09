"""The examples of `/docs` are answers that the API could give."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from api import examples
from api.validation_example import VALIDATION
from services import views
from services.audit_reading import AuditItem
from services.validation.views import Validation

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("view", "example"),
    [
        (views.CustomerItem, examples.CUSTOMER),
        (views.CustomerHealth, examples.HEALTH),
        (views.EventReceipt, examples.RECEIPT),
        (views.EventItem, examples.EVENT),
        (views.TicketItem, examples.TICKET),
        (views.InvoiceItem, examples.INVOICE),
        (views.DashboardStats, examples.STATS),
        (AuditItem, examples.AUDIT_ENTRY),
        (Validation, VALIDATION),
    ],
)
def test_an_example_is_a_whole_answer(view: type[BaseModel], example: dict[str, Any]) -> None:
    read = json.loads(view.model_validate(example).model_dump_json())
    assert read == example
    assert list(read) == list(example)
