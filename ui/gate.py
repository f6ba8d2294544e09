"""What stands between a visitor and a page: a role, a prepared database that answers, and data."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.navigation.page import Page

from db.session import is_unavailable
from services.roles import Role
from services.startup import describe
from settings import dashboard_settings
from ui import broken, empty, forbidden, identity, loaders, offline, sign_in
from ui.identity import Visitor
from ui.startup import StartError, process

logger = logging.getLogger(__name__)

_OPEN = "_gate_open"


def enter(page: Page, visitor: Visitor | None) -> None:
    """Runs the page for whoever has a role, once the database is prepared; the only way to it."""
    slot = st.empty()
    try:
        with slot.container():
            _check_settings()
            preparation = process().preparation
            preparation.start()  # by whoever comes first: scores are kept fresh for nobody, too
            if visitor is None or visitor.role is None:
                sign_in.show(visitor)
                return
            preparation.follow()
            st.session_state[_OPEN] = True
            page.run()
    except StartError as error:
        logger.error("%s", error)
        with slot.container():
            broken.show(str(error))
    except Exception as error:
        if not is_unavailable(error):
            raise
        logger.warning("%s", describe(error))
        with slot.container():
            offline.show()


@contextmanager
def redrawn() -> Iterator[None]:
    """Around all that a fragment does, which runs without app.py.

    A sign-in may have ended meanwhile, or the database have gone: then the whole page says so.
    """
    if not identity.may(Role.VIEWER):
        st.rerun()
    try:
        yield
    except Exception as error:
        if not is_unavailable(error):
            raise
        st.rerun()


def only_for(role: Role, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """What a download makes at a click, which runs without app.py: asks again who clicks."""
    ask = identity.inquiry()

    def made() -> bytes:
        if not identity.allows(ask(), role):
            raise PermissionError("a sign-in or a role has ended since the page was drawn")
        return make()

    return made


def guard(*, role: Role = Role.VIEWER, needs_customers: bool = True) -> None:
    """First line of every page: it runs only from app.py, for whom it is, and with customers.

    Args:
        role: what one must be to open the page.
        needs_customers: False for a page that has a use in an empty database too.
    """
    if not st.session_state.get(_OPEN):
        st.stop()
    if not identity.may(role):
        forbidden.show(role)
        st.stop()
    if needs_customers and not loaders.has_customers():
        empty.show()
        st.stop()


def _check_settings() -> None:
    try:
        dashboard_settings()
    except SystemExit as error:
        raise StartError(str(error)) from None
