"""What a route asks of its caller beyond reading or writing."""

from fastapi import Depends, Request

from api.problems import ProblemError


async def _require_admin(request: Request) -> None:
    if not request.state.principal.may("admin"):
        challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="admin"'}
        detail = "This needs the scope admin."
        raise ProblemError(403, "insufficient-scope", detail, headers=challenge)


NEEDS_ADMIN = Depends(_require_admin)
