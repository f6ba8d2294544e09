"""Which pages there are, and which of them a visitor is offered."""

import streamlit as st
from streamlit.navigation.page import Page

from services.roles import Role
from ui import page
from ui.identity import NOBODY, Visitor

Sections = dict[str, list[Page]]


def draw(visitor: Visitor | None) -> Page:
    """The navigation on top, for whoever has a role. Returns the page that the address names.

    What somebody may not open stays an address, so that it says so in a sentence.
    """
    admitted = visitor is not None and visitor.role is not None
    return st.navigation(_sections(visitor), position="top" if admitted else "hidden")


def _sections(visitor: Visitor | None) -> Sections:
    role = visitor.role if visitor and visitor.role else Role.VIEWER
    name = visitor.name if visitor and visitor.name != NOBODY else None
    sections: Sections = {
        "": [
            _page(page.OVERVIEW, "Overview", "dashboard", default=True),
            _page(page.CUSTOMERS, "Customers", "groups", "customers"),
            _page(
                page.RECORD_EVENT,
                "Record event",
                "add_circle",
                "record-event",
                offered=role >= Role.EDITOR,
            ),
            _page(page.IMPORT, "Import", "upload_file", "import", offered=role >= Role.EDITOR),
            _page(page.SCORING_MODEL, "Scoring model", "tune", "scoring-model"),
            _page(page.VALIDATION, "Validation", "fact_check", "validation"),
            _page(page.CUSTOMER, "Customer", "person", "customer", offered=False),
            _page(
                page.ACCOUNT,
                name or "Account",
                "account_circle",
                "account",
                offered=name is not None,
            ),
        ],
        "Admin": [
            _page(page.API_KEYS, "API keys", "key", "api-keys", offered=role >= Role.ADMIN),
            _page(page.AUDIT, "Audit log", "history", "audit-log", offered=role >= Role.ADMIN),
        ],
    }
    return sections


def _page(
    path: str,
    title: str,
    icon: str,
    address: str | None = None,
    *,
    default: bool = False,
    offered: bool = True,
) -> Page:
    return st.Page(
        path,
        title=title,
        icon=f":material/{icon}:",
        url_path=address,
        default=default,
        visibility="visible" if offered else "hidden",
    )
