"""Who uses the dashboard: their name, and what they may do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import streamlit as st

from services.actor import Actor
from services.clock import utc_now
from services.roles import Role, role_of
from settings import Settings, get_settings

NOBODY = "visitor"
"""What somebody is called where nobody signs in."""
NAMELESS = "somebody without an e-mail"
HEADER = "X-Forwarded-Email"
"""Where a proxy that signs people in says who it is."""
SIGNED_IN_FOR = timedelta(hours=12)
"""Then the provider is asked again; Streamlit's cookie alone would last for 30 days."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody whose name is known."""

    name: str
    role: Role | None
    """None: no list names them."""


def visitor() -> Visitor | None:
    """Whom this run is for; None: somebody who hasn't signed in."""
    return inquiry()()


def inquiry() -> Callable[[], Visitor | None]:
    """Asks the same later, from a thread that belongs to no run."""
    match get_settings().dashboard_login:
        case "none":
            return lambda: Visitor(NOBODY, Role.ADMIN)
        case "oidc":
            claims = st.user.to_dict()
            return lambda: _of_claims(claims, get_settings())
        case "proxy":
            named = st.context.headers.get_all(HEADER)
            return lambda: _of_header(named, get_settings())
        case _:
            return lambda: None


def may(needed: Role) -> bool:
    """Whether this run's visitor may do what this role may."""
    return allows(visitor(), needed)


def allows(known: Visitor | None, needed: Role) -> bool:
    """Whether they may do what this role may."""
    return known is not None and known.role is not None and known.role >= needed


def actor() -> Actor:
    """Whom this run's changes are attributed to.

    Threads know nobody: take it before one starts.
    """
    known = visitor()
    seen = st.context.ip_address
    address = seen if isinstance(seen, str) else None  # AppTest's context has something else
    return Actor(
        name=known.name if known else NOBODY, via="dashboard", address=address, request_id=None
    )


def _of_claims(claims: Mapping[str, Any], settings: Settings) -> Visitor | None:
    """Whom the provider vouches for, while the sign-in is fresh."""
    issued = claims.get("iat")
    if not claims.get("is_logged_in") or not isinstance(issued, int | float):
        return None
    if utc_now().timestamp() - issued > SIGNED_IN_FOR.total_seconds():
        return None
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        return Visitor(NAMELESS, None)
    # Some providers write the word; those that say nothing hand out the addresses themselves.
    verified = str(claims.get("email_verified", True)).lower() != "false"
    return Visitor(email.lower(), _role(email, settings) if verified else None)


def _of_header(told: Sequence[str], settings: Settings) -> Visitor | None:
    """Whom the proxy names; two names are somebody's try."""
    named = [email for email in told if email.strip()]
    if len(named) != 1:
        return None
    email = named[0].strip().lower()
    return Visitor(email, _role(email, settings))


def _role(email: str, settings: Settings) -> Role | None:
    return role_of(
        email,
        admins=settings.dashboard_admins,
        editors=settings.dashboard_editors,
        viewers=settings.dashboard_viewers,
    )
