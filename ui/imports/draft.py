"""A file that is handed over and not imported yet: what it holds, and which column tells what."""

from dataclasses import dataclass, field

import streamlit as st

from services.imports import KINDS, ImportRefused, Kind, Preview, guess_kind, inspect, problems
from services.roles import Role
from ui import identity
from ui.imports import upload
from ui.imports.jobs import imports
from ui.imports.spool import Spool

KIND = "import-kind"
_DRAFT = "import-draft"


@dataclass
class Draft:
    """One file of this session."""

    spool: Spool
    kind: Kind = KINDS[0]
    """What it holds: as its header tells, then as chosen; kept while another page is shown."""
    refused: str | None = None
    """Why it can't be read at all."""
    previews: dict[Kind, Preview] = field(default_factory=dict)
    mappings: dict[Kind, dict[str, str | None]] = field(default_factory=dict)
    """As suggested, then as changed; kept likewise."""

    def preview(self, kind: Kind) -> Preview:
        """The first rows, and the suggested mapping of a file of that kind."""
        if kind not in self.previews:
            self.previews[kind] = inspect(self.spool.path, kind)
        return self.previews[kind]

    def mapping(self, kind: Kind) -> dict[str, str | None]:
        """Field → column, as it stands now; what is put into it stays."""
        return self.mappings.setdefault(kind, dict(self.preview(kind).mapping))

    def problems(self, kind: Kind) -> list[str]:
        """What keeps the file from being imported with the mapping as it stands now."""
        return problems(kind, self.mapping(kind), self.preview(kind).columns)


def current() -> Draft | None:
    """The file on the page. A new one chooses what it holds, as far as its header tells."""
    spool = upload.given()
    if spool is None:
        return None
    draft: Draft | None = st.session_state.get(_DRAFT)
    if draft is None or draft.spool is not spool:
        draft = st.session_state[_DRAFT] = _look_at(spool)
    return draft


def start(draft: Draft, kind: Kind) -> None:
    """Imports the file, unless another import has begun in the meantime or the role has ended."""
    if not identity.may(Role.EDITOR):
        return
    if draft is current() and imports().start(
        draft.spool, kind, draft.mapping(kind), by=identity.actor()
    ):
        st.session_state.pop(_DRAFT)
        upload.hand_on()


def _look_at(spool: Spool) -> Draft:
    draft = Draft(spool, st.session_state.get(KIND, KINDS[0]))
    try:
        preview = inspect(spool.path)
    except ImportRefused as error:
        draft.refused = str(error)
        return draft
    draft.previews[preview.kind] = preview
    if guessed := guess_kind(preview.columns):
        draft.kind = st.session_state[KIND] = guessed
    return draft
