"""Streamlit's own records, told as the rest of the process tells its."""

import logging

from streamlit import logger as streamlit_logger

from services import logs
from settings import Settings


def configure(settings: Settings) -> None:
    """Send every record of this dashboard the settings' way."""
    logs.configure(settings)
    # Streamlit gives each of its loggers a handler, now and whenever it makes another one.
    streamlit_logger.setup_formatter = _hand_on
    streamlit_logger.update_formatter()
    # Its server set a level of its own at the start, and tells of every tab that opens. What it
    # and the login's client tell beyond that are headers, with the cookie of who is signed in.
    level = max(logging.getLevelName(settings.log_threshold.upper()), logging.INFO)
    for name in ("uvicorn.error", "httpx", "httpcore", "authlib"):
        logging.getLogger(name).setLevel(level)


def _hand_on(logger: logging.Logger) -> None:
    own = getattr(logger, "streamlit_console_handler", None)
    if own is not None:
        logger.removeHandler(own)
    logger.propagate = logger.name != "uvicorn.access"
