"""Who uses the dashboard: their name, and what they may do."""

import streamlit as st

from services.actor import Actor
from services.roles import Role

NOBODY = "visitor"
"""What somebody is called where nobody signs in."""


def role() -> Role | None:
    """What this run's visitor may do; None: not even read."""
    return Role.ADMIN


def may(needed: Role) -> bool:
    """Whether this run's visitor may do what this role may."""
    held = role()
    return held is not None and held >= needed


def actor() -> Actor:
    """Whom this run's changes are attributed to.

    Threads know nobody: take it before one starts.
    """
    seen = st.context.ip_address
    address = seen if isinstance(seen, str) else None  # AppTest's context has something else
    return Actor(name=NOBODY, via="dashboard", address=address, request_id=None)
