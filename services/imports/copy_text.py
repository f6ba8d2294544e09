"""Events as lines of COPY's text format."""

from collections.abc import Iterable, Iterator

from db.queries.event_import import escaped
from services.imports.ready import Content, Ready
from services.incoming import SUBJECTS

_NULL = r"\N"


def event_line(place: int, event: Ready) -> str:
    """A row of `imported_event`."""
    customer_id, event_id, occurred, received, content = event
    subject = escaped(event.subject_id or "") if content.event_type in SUBJECTS else _NULL
    later = _NULL if received is occurred else f"{received}Z"
    return (
        f"{place}\t{customer_id}\t{escaped(event_id)}\t{occurred}Z\t{later}\t{subject}\t"
        f"{content.number}"
    )


def content_line(content: Content) -> str:
    """A row of `imported_content`."""
    data, content_hash = escaped(content.data_json), content.content_hash.hex()
    return f"{content.number}\t{content.event_type}\t{data}\t" + rf"\\x{content_hash}"


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
