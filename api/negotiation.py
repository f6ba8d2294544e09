"""Which of two representations a client would rather have (RFC 9110, section 12.5.1)."""


def prefers_html(accept: str) -> bool:
    """Whether an Accept header ranks a page above JSON; a tie is JSON's."""
    return _quality(accept, "text/html") > _quality(accept, "application/json")


def _quality(accept: str, media_type: str) -> float:
    """The quality of the most specific range that matches the type; 0 where none does."""
    wildcards = ("*/*", f"{media_type.split('/')[0]}/*", media_type)
    best, quality = -1, 0.0
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_range in wildcards and wildcards.index(media_range) > best:
            best, quality = wildcards.index(media_range), _q(parameters)
    return quality


def _q(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
