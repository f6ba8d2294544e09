"""Rate limits: who has asked too much waits, and is told for how long.

Counted in this process's memory, in windows that begin with a caller's first request: N processes
let through N times as much. Headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from collections import OrderedDict
from hashlib import sha256
from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client_address import site
from api.problems import problem
from services.metrics import RATE_LIMITED
from services.principal import ANYBODY, Principal

MOST_REMEMBERED = 10_000
NOWHERE = "nowhere"
"""Who comes without an address, over a local socket: all together."""
HEADERS = ("RateLimit", "RateLimit-Policy")


class Limit:
    """So many requests of one caller in a window of time.

    Args:
        name: what clients and metrics call it.
        rate: such as `6000/minute`.
    """

    def __init__(self, name: str, rate: str) -> None:
        self.name = name
        self._item: RateLimitItem = parse(rate)
        self._window = FixedWindowRateLimiter(MemoryStorage())
        self._policy = f'"{name}";q={self._item.amount};w={self._item.get_expiry()}'.encode()

    def take(self, caller: str) -> bool:
        """Count a request; whether it was still within the limit."""
        return self._window.hit(self._item, caller)

    def is_used_up(self, caller: str) -> bool:
        """Whether the next one would be beyond it."""
        return not self._window.test(self._item, caller)

    def headers(self, caller: str) -> list[tuple[bytes, bytes]]:
        """What is left, and until when."""
        left, seconds = self._left(caller)
        now = f'"{self.name}";r={left};t={seconds}'.encode()
        return [(b"ratelimit-policy", self._policy), (b"ratelimit", now)]

    def refusal(self, caller: str, detail: str) -> Response:
        """429, with when to come back."""
        RATE_LIMITED.labels(self.name).inc()
        _left, seconds = self._left(caller)
        headers = {name.decode(): value.decode() for name, value in self.headers(caller)}
        headers["Retry-After"] = str(seconds)
        return problem(429, "rate-limited", f"{detail} Try again in {seconds} s.", headers=headers)

    def _left(self, caller: str) -> tuple[int, int]:
        reset, left = self._window.get_window_stats(self._item, caller)
        return left, max(1, ceil(reset - time()))


class RateLimit:
    """Counts each request for its key or token; one without, where none is needed, for its site."""

    def __init__(self, app: ASGIApp, *, rate: str | None) -> None:
        self._app = app
        self._limit = None if rate is None else Limit("key", rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limit; `/health` has no caller, and is never counted."""
        principal: Principal | None = scope.get("state", {}).get("principal")
        limit = self._limit
        if limit is None or principal is None:
            await self._app(scope, receive, send)
            return
        caller = where(scope) if principal is ANYBODY else principal.name
        if not limit.take(caller):
            refusal = limit.refusal(caller, "There were too many requests.")
            await refusal(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *limit.headers(caller)]
            await send(message)

        await self._app(scope, receive, counted)


class Guesses:
    """Calls that didn't prove who they are, counted for their site: keys can't be tried out.

    A site beyond its limit is refused without a look at what it sends. Only what was let in
    from there before goes on: behind one address there may be many clients, and one with an old
    key must not stop the others.
    """

    def __init__(self, rate: str | None) -> None:
        self._limit = None if rate is None else Limit("failed", rate)
        self._let_in: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def refusal(self, scope: Scope, credential: str | None) -> Response | None:
        """The answer to a call that is not looked at; None where it is."""
        caller = where(scope)
        if self._limit is None or not self._limit.is_used_up(caller):
            return None
        if credential is not None and (caller, _digest(credential)) in self._let_in:
            return None
        return self._limit.refusal(caller, "There were too many calls without a valid key.")

    def failed(self, scope: Scope) -> None:
        """Count a call that didn't prove who it is."""
        if self._limit is not None:
            self._limit.take(where(scope))

    def let_in(self, scope: Scope, credential: str) -> None:
        """Remember a call that did."""
        if self._limit is None:
            return
        proved = (where(scope), _digest(credential))
        self._let_in[proved] = None
        self._let_in.move_to_end(proved)
        if len(self._let_in) > MOST_REMEMBERED:
            self._let_in.popitem(last=False)


def where(scope: Scope) -> str:
    """The site that a request comes from."""
    address: str | None = scope["state"]["client_address"]
    return NOWHERE if address is None else site(address)


def _digest(credential: str) -> bytes:
    return sha256(credential.encode("latin-1", "replace")).digest()
