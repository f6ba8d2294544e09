"""The running import, or how the last one ended: the same for every session."""

import time

import streamlit as st

from services.roles import Role
from ui import format as as_text
from ui import gate, identity, page
from ui.imports.jobs import Job, imports, is_running
from ui.imports.result_card import result_card
from ui.imports.words import share_done, time_left
from ui.text import escape


def status(*, show_last: bool) -> None:
    """Draws what there is to know and keeps it fresh.

    Args:
        show_last: whether how the last import ended is still of interest.
    """
    job = imports().job
    running = is_running(job)
    # Looks often at a running import, and now and then for one that another session starts.
    st.fragment(_follow, run_every="1s" if running else "4s")(job, running)
    if job and not running and show_last:
        result_card(job)


def _follow(job: Job | None, running: bool) -> None:
    with gate.redrawn():
        if imports().job is not job or is_running(job) != running:
            st.rerun()
        if job and running:
            _progress_card(job)


def _progress_card(job: Job) -> None:
    name = escape(job.spool.name)
    with page.card(
        f"Importing {job.kind}", f"{name}. It goes on when you leave this page.", key="progress"
    ):
        done = job.progress
        share = share_done(done) if done else 0.0
        left = time_left(share, time.monotonic() - job.started)
        if job.cancel.is_set():
            left = "stopping after the running batch"
        st.progress(min(share, 1.0), text=f"{as_text.percent(share)} · {left}")
        with st.grid(5, min_column_width=110):
            st.metric("Rows", as_text.count(done.rows if done else 0))
            st.metric("Rows a second", as_text.count(round(done.rows_per_second if done else 0)))
            st.metric("Accepted", as_text.count(done.accepted if done else 0))
            st.metric("Duplicates", as_text.count(done.duplicates if done else 0))
            st.metric("Rejected", as_text.count(done.rejected if done else 0))
        st.button(
            "Cancel",
            icon=":material/stop_circle:",
            on_click=_cancel,
            args=(job,),
            disabled=job.cancel.is_set(),
            key="import-cancel",
            help="What is imported so far stays.",
        )


def _cancel(job: Job) -> None:
    if identity.may(Role.EDITOR):
        job.cancel.ask(identity.actor())
