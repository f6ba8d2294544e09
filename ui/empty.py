"""The database is ready and empty: what to do next."""

from urllib.parse import urlsplit

import streamlit as st

from db.session import write
from services import demo
from services.actor import Actor
from services.clock import utc_day, utc_now
from services.roles import Role
from settings import get_settings
from ui import identity, page
from ui.background import Report, Task

_COMMANDS = """\
curl -X POST {api}/customers \\
  -H 'Content-Type: application/json' \\
  -d '{{"name":"Acme","email":"ops@acme.example","segment":"smb"}}'

curl -X POST {api}/customers/1/events \\
  -H 'Content-Type: application/json' \\
  -d '{{"event_type":"login"}}'"""


def show() -> None:
    """Three ways to start, for whom they are open."""
    if not identity.may(Role.EDITOR):
        page.header("No customers yet", "The database is ready and empty.")
        st.markdown("An editor can load demo data or import a file.")
        page.link(page.OVERVIEW, "Look again", key="again", icon=":material/refresh:")
        return
    page.header("No customers yet", "The database is ready and empty. Three ways to start:")
    look, send = st.columns([2, 3])
    with look:
        _demo_card()
        _import_card()
    with send, page.card("Send the first event", "Create a customer, then send what it does."):
        st.code(_COMMANDS.format(api=api_url()), language="bash", wrap_lines=True)
        st.caption(
            "The second command names the customer by the `id` that the first one answers. "
            "The score follows within a second."
        )
        page.link(page.OVERVIEW, "Look again", key="again", icon=":material/refresh:")


def api_url() -> str:
    """Where the visitor's machine reaches the REST API.

    On the dashboard's own port the API is the process beside it; on any other port a reverse
    proxy serves both from one origin.
    """
    settings = get_settings()
    seen = urlsplit(st.context.url or settings.dashboard_url)
    if seen.port == st.get_option("server.port"):
        return f"{seen.scheme}://{seen.hostname}:{settings.api_port}/api"
    return f"{seen.scheme}://{seen.netloc}/api"


def _demo_card() -> None:
    customers = get_settings().seed_customers
    with page.card(
        "Look around with demo data",
        f"{customers} invented customers, some of whom have left, with 18 months of activity and "
        "scores. It takes about ten seconds.",
    ):
        if st.button("Load demo data", type="primary", icon=":material/database:", key="load-demo"):
            try:
                _loading(identity.actor()).follow()
            except Exception:
                _loading.clear()  # who tries again is somebody else, perhaps
                raise
            _loading.clear()  # the data may be dropped again while this process lives
            st.rerun()


def _import_card() -> None:
    with page.card(
        "Bring your own data",
        "Customers from a CSV file, then their events, invoices and tickets. You see how a file "
        "is read before anything is stored.",
    ):
        page.link(page.IMPORT, "Import a CSV file", key="import", icon=":material/upload_file:")


@st.cache_resource(show_spinner=False)
def _loading(_by: Actor) -> Task:
    """One for all who ask meanwhile; it is the first one's doing."""
    return Task(lambda report: _load(_by, report))


def _load(by: Actor, report: Report) -> None:
    customers, today = get_settings().seed_customers, utc_day(utc_now())
    write(
        lambda session: demo.load(session, by=by, customers=customers, as_of=today, progress=report)
    )
