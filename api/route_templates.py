"""Which route a path belongs to, without routing: for labels, where few values may occur."""

from collections.abc import Iterable
from typing import Any

UNMATCHED = "unmatched"
_ANY, _HERE = "{}", ""  # neither begins as the key of a segment does


class RouteTemplates:
    """Templates such as `/api/customers/{customer_id}`, found in a step a segment.

    A path may match several routes, by method; they share a template.
    """

    def __init__(self, templates: Iterable[str]) -> None:
        self._tree: dict[str, Any] = {}
        for template in templates:
            node = self._tree
            for segment in template.split("/")[1:]:
                key = _ANY if segment.startswith("{") else f"/{segment}"
                node = node.setdefault(key, {})
            node[_HERE] = template

    def of(self, path: str) -> str:
        """The template; `unmatched` where no route has such a path."""
        node = self._tree
        for segment in path.split("/")[1:]:
            found = node.get(f"/{segment}") or node.get(_ANY)
            if found is None:
                return UNMATCHED
            node = found
        template: str = node.get(_HERE, UNMATCHED)
        return template
