"""A rejected row's reason names the field, and nothing of how the schemas are built."""

import pytest
from pydantic import ValidationError

from services.errors import InvalidInput
from services.events import EVENT_ADAPTER
from services.imports.reasons import explain

pytestmark = pytest.mark.unit


def test_the_schemas_member_is_not_part_of_the_path() -> None:
    with pytest.raises(ValidationError) as refused:
        EVENT_ADAPTER.validate_python({"event_type": "payment", "event_data": {"amount": "x"}})
    assert explain(refused.value, {"amount": "total"}).startswith("total: ")


def test_a_property_that_is_called_as_an_event_type_is_named() -> None:
    assert explain(InvalidInput(("event_data", "login"), "No."), {}) == "login: No."
