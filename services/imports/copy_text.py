"""Events as lines of COPY's text format."""

from collections.abc import Iterable, Iterator

from db.queries.event_import import escaped
from services.imports.ready import Content, Ready
from services.incoming import SUBJECTS

_NULL = r"\N"


def event_line(place: int, event: Ready) -> str:
    """A row of `imported_event`; the customer and the place tell which event it is."""
    customer_id, event_id, occurred, received, content = event
    subject = _NULL
    if content.event_type in SUBJECTS:
        subject = escaped(event.subject_id or "")
    return (
        f"{place}\t{customer_id}\t{escaped(event_id)}\t{occurred}Z\t{received}Z\t{subject}\t"
        f"{content.copied}"
    )


def count_lines(contents: Iterable[Content]) -> Iterator[str]:
    """Rows of `imported_count`."""
    for content in contents:
        for signal, key, n in content.counted:
            yield f"{content.number}\t{signal}\t{escaped(key)}\t{n}"


def sighting_lines(contents: Iterable[Content]) -> Iterator[str]:
    """Rows of `imported_sighting`."""
    for content in contents:
        for kind, name, by_day in content.seen:
            yield f"{content.number}\t{kind}\t{escaped(name)}\t{by_day}"
