"""The customer that the address bar names."""

from db.tables import LARGEST_BIGINT
from ui import page


def parse_id(text: str | None) -> int | None:
    """An id from an address; None for what can't be one."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    number = int(text)
    return number if 1 <= number <= LARGEST_BIGINT else None


def back_link(label: str = "Customers") -> None:
    """The way back to the list, with the filters it was left with."""
    page.link(page.CUSTOMERS, label, key="back", icon=":material/arrow_back:")


def say_unknown(text: str | None) -> None:
    """What a visitor sees whose address names no customer."""
    if not text:
        page.header("No customer chosen", "The address names no customer. Choose one in the list.")
    else:
        page.header(
            "Customer not found", "The address may be mistyped, or the customer has been erased."
        )
    back_link("All customers")
