"""Whom the audit log names for a request."""

from typing import Annotated

from fastapi import Depends, Request

from services.actor import Actor, network_address


async def actor(request: Request) -> Actor:
    """The key or the token's subject, the client's address and the request's id."""
    client, state = request.client, request.state
    address = None if client is None else network_address(client.host)
    return Actor(state.principal.name, "api", address, state.request_id)


By = Annotated[Actor, Depends(actor)]
