"""What a use case can refuse. Callers map the three kinds to their own words or HTTP status."""

from typing import ClassVar


class ServiceError(Exception):
    """A refusal that the caller can act on; `str(error)` is one plain sentence."""

    code: ClassVar[str] = "refused"
    """Stable slug: part of the API's problem type."""


class NotFound(ServiceError):  # noqa: N818 - a kind of refusal, named as callers say it
    """What was asked for does not exist."""


class Conflict(ServiceError):  # noqa: N818
    """The request contradicts what is stored."""


class InvalidInput(ServiceError):  # noqa: N818
    """One value that can't be used."""

    code = "invalid-input"

    def __init__(self, field: tuple[str | int, ...] | str, message: str) -> None:
        super().__init__(message)
        self.field = (field,) if isinstance(field, str) else field
        """Path of the value in the input, e.g. ("segment",)."""


class UnknownCustomer(NotFound):
    """No customer has this id."""

    code = "unknown-customer"

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"There is no customer {customer_id}.")
        self.customer_id = customer_id


class EmailTaken(Conflict):
    """Another customer has this email address (compared without case)."""

    code = "email-taken"

    def __init__(self, email: str) -> None:
        super().__init__(f"Another customer has the email address {email}.")


class ExternalIdTaken(Conflict):
    """Another customer has this external_id."""

    code = "external-id-taken"

    def __init__(self, external_id: str | None) -> None:
        super().__init__(f"Another customer has the external_id {external_id}.")


class EventConflict(Conflict):
    """The event id is taken by an event with other content."""

    code = "event-conflict"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"Event {event_id} is already stored with other content.")
        self.event_id = event_id


class UnknownModel(InvalidInput):
    """No published scoring model has this name."""

    code = "unknown-model"

    def __init__(self, name: str) -> None:
        super().__init__("model", f"There is no scoring model '{name}'.")
