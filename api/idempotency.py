"""The `Idempotency-Key` header: a key's form, and whose it is."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from api.problems import FieldError, ProblemError
from services.idempotency import Key

NAME = "Idempotency-Key"
LONGEST = 255

_QUOTED = r'"(?:[ !#-\[\]-~]|\\["\\]){1,255}"'  # a String of RFC 9651, as the draft wants it
_BARE = r"[!#-+\--:<-\[\]-~]{1,255}"  # and as many clients send it
_FORM = re.compile(f"{_QUOTED}|{_BARE}")


async def idempotency_key(
    request: Request,
    given: Annotated[
        str | None,
        Header(
            alias=NAME,
            description=(
                "Makes the call safe to repeat for 24 hours: the same key with the same body is "
                "answered as the first time; 422 with another body, 409 while the first is under "
                'way. A string of 1–255 visible characters, best a UUID, with or without `"`.'
            ),
            examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
            json_schema_extra={"pattern": f"^(?:{_QUOTED}|{_BARE})$"},
        ),
    ] = None,
) -> Key | None:
    """The request's key; None without one.

    Raises:
        ProblemError: 422 for what can't be a key.
    """
    if given is None:
        return None
    if len(request.headers.getlist(NAME)) > 1 or not _FORM.fullmatch(given):
        message = f'Must be one string of 1–{LONGEST} visible ASCII characters, as in "8e03978e".'
        error = FieldError(location="header", field=NAME, message=message)
        raise ProblemError(422, "invalid-input", f"{NAME}: {message}", [error])
    text = re.sub(r"\\(.)", r"\1", given[1:-1]) if given.startswith('"') else given
    return Key(request.state.principal.name, text)


IdempotencyKey = Annotated[Key | None, Depends(idempotency_key)]
