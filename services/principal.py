"""Who calls, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class InvalidCredential(Exception):  # noqa: N818 - a refusal, as those of services.errors
    """What was presented lets nobody in; `str(error)` is one sentence with no part of it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request comes from, as far as it was proved."""

    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether a call that needs this scope is allowed; `admin` implies all."""
        return scope in self.scopes or "admin" in self.scopes


ANYBODY = Principal("anybody", frozenset({"admin"}))
"""Who calls without a key where none is needed."""


def known_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Those of the names that are scopes."""
    given = set(names)
    return frozenset(scope for scope in SCOPES if scope in given)
