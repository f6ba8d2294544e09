"""The offered sorts by the words that people choose them by and that the address holds."""

SORTS: dict[str, str] = {
    "Lowest score": "overall_score",
    "Highest score": "-overall_score",
    "Falling most": "trend_30d",
    "Rising most": "-trend_30d",
    "Highest ARR": "-arr",
    "Lowest ARR": "arr",
    "Next renewal": "renewal_date",
    "Latest renewal": "-renewal_date",
    "Quiet longest": "last_activity_at",
    "Active last": "-last_activity_at",
    "Name A–Z": "name",
    "Name Z–A": "-name",
    "Newest customer": "-created_at",
    "Oldest customer": "created_at",
}
DEFAULT = "Lowest score"

_WORDS = {sort: words for words, sort in SORTS.items()}
_COLUMNS = {
    "name": "name",
    "status": "overall_score",
    "score": "overall_score",
    "change": "trend_30d",
    "arr": "-arr",
    "renewal": "renewal_date",
    "activity": "last_activity_at",
}
"""What a first click on a column's header sorts by."""


def after_click(column: str, words: str) -> str:
    """The sort after a click on a column's header: the column's own, or the other way round."""
    wanted = _COLUMNS.get(column)
    if wanted is None:
        return words
    return _WORDS[_reverse(wanted) if SORTS[words] == wanted else wanted]


def arrow(column: str, words: str) -> str:
    """ " ↑" or " ↓" behind the heading of the column that the list is sorted by."""
    sort, wanted = SORTS[words], _COLUMNS.get(column)
    if column == "status" or wanted is None or sort.removeprefix("-") != wanted.removeprefix("-"):
        return ""
    return " ↓" if sort.startswith("-") else " ↑"


def _reverse(sort: str) -> str:
    return sort[1:] if sort.startswith("-") else f"-{sort}"
