"""How an import ended, which rows were left out and why, and what to do next."""

import streamlit as st

from services.roles import Role
from ui import format as as_text
from ui import identity, page
from ui.imports import rejected
from ui.imports.jobs import Job, imports
from ui.imports.words import NEXT
from ui.text import escape


def result_card(job: Job) -> None:
    """The last import of this process."""
    with page.card(_title(job), _caption(job), key="result"):
        if job.refused:
            st.error(escape(job.refused), icon=":material/error:")
        if job.failed:
            st.error(job.failed, icon=":material/cloud_off:")
        _counts(job)
        if job.resumable:
            st.markdown("Going on starts at the top: what is stored already counts as duplicate.")
            st.button(
                "Go on",
                icon=":material/play_arrow:",
                on_click=_go_on,
                args=(job,),
                key="import-again",
            )
        if job.result and job.result.rejected_path:
            rejected.told(job.result)
        if job.result and not job.result.cancelled:
            st.markdown(NEXT[job.kind])
        page.link(page.CUSTOMERS, "Open Customers", key="customers", icon=":material/groups:")


def _go_on(job: Job) -> None:
    if identity.may(Role.EDITOR):
        imports().start(job.spool, job.kind, job.mapping, by=identity.actor())


def _title(job: Job) -> str:
    name = escape(job.spool.name)
    if job.refused:
        return f"{name} can't be imported"
    if job.failed:
        return f"The import of {name} stopped"
    assert job.result, "an import ends refused, failed or with a result"  # noqa: S101
    return f"The import of {name} was cancelled" if job.result.cancelled else f"Imported {name}"


def _caption(job: Job) -> str | None:
    if job.result is None:
        return None
    seconds = max(job.result.seconds, 0.001)
    rate = as_text.count(round(job.result.rows / seconds))
    spent = f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return f"{as_text.plural(job.result.rows, 'row')} in {spent}, {rate} a second."


def _counts(job: Job) -> None:
    told = job.result or job.progress
    if told is None:
        st.markdown("Nothing was imported.")
        return
    counts = {"Accepted": told.accepted, "Duplicates": told.duplicates, "Rejected": told.rejected}
    if job.result and job.kind == "customers":
        counts["Updated"] = job.result.updated
    with st.grid(4, min_column_width=130):
        for label, count in counts.items():
            st.metric(label, as_text.count(count))
