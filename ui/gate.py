"""What stands between a visitor and a page: a prepared database that answers, and data."""

import logging

import streamlit as st
from streamlit.navigation.page import Page

from db.session import is_unavailable
from services.roles import Role
from services.startup import describe
from ui import broken, empty, identity, loaders, offline
from ui.startup import StartError, process

logger = logging.getLogger(__name__)

_OPEN = "_gate_open"


def enter(page: Page) -> None:
    """Runs the page once the database is prepared; app.py's only way to a page."""
    slot = st.empty()
    try:
        with slot.container():
            process().preparation.follow()
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


def guard(*, role: Role = Role.VIEWER, needs_customers: bool = True) -> None:
    """First line of every page: it runs only from app.py, for whom it is, and with customers.

    Args:
        role: what one must be to open the page.
        needs_customers: False for a page that has a use in an empty database too.
    """
    if not st.session_state.get(_OPEN):
        st.stop()
    if not identity.may(role):
        st.markdown("Your role does not open this page.")
        st.stop()
    if needs_customers and not loaders.has_customers():
        empty.show()
        st.stop()
