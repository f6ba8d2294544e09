"""Whom the audit log names for a request."""

from typing import Annotated

from fastapi import Depends, Request

from services.actor import Actor


async def actor(request: Request) -> Actor:
    """The key or the token's subject, the client's address and the request's id."""
    state = request.state
    return Actor(state.principal.name, "api", state.client_address, state.request_id)


By = Annotated[Actor, Depends(actor)]
