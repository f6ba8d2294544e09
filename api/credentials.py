"""What a request proves itself by, as its headers have it."""

from collections.abc import Iterable

from services.principal import InvalidCredential


def credential(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key or token of a request; None where it has none.

    Other schemes than Bearer are somebody else's: a proxy's in front, for instance.

    Raises:
        InvalidCredential: there are several.
    """
    found = []
    for name, value in headers:
        if name == b"x-api-key":
            found.append(value)
        elif name == b"authorization":
            scheme, _, rest = value.partition(b" ")
            if scheme.lower() == b"bearer":
                found.append(rest)
    if len(found) > 1:
        raise InvalidCredential("The request brings more than one key or token.")
    return found[0].strip().decode("latin-1") if found else None
