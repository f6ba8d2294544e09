"""Who the customer is, in one line, and the way to record an event for it."""

from datetime import date

from services.roles import Role
from services.views import CustomerItem
from ui import format as as_text
from ui import identity, page
from ui.text import escape


def header(item: CustomerItem, today: date) -> None:
    """Name, facts, and "Record event" with this customer chosen, for whom it is."""
    page.name_tab(item.name)
    with page.header(escape(item.name), " · ".join(_facts(item, today))):
        if identity.may(Role.EDITOR):
            page.link(
                page.RECORD_EVENT,
                "Record event",
                key="record",
                query={"customer": item.id},
                icon=":material/add_circle:",
            )


def _facts(item: CustomerItem, today: date) -> list[str]:
    facts = [as_text.segment(item.segment)]
    facts.append(escape(item.owner) if item.owner else "no owner")
    if item.arr is not None:
        facts.append(f"{escape(as_text.money(item.arr))} ARR")
    if item.churned_at is not None and item.churned_at.date() <= today:
        left = as_text.day(item.churned_at.date())
        facts.insert(0, f":gray-badge[:material/logout: Left {left}]")
    elif item.renewal_date is not None:
        facts.append(as_text.renewal(item.renewal_date, today))
    facts.append(f"customer since {as_text.month(item.created_at.date())}")
    return facts
