"""The `Link` header of a page."""

from typing import Any

from fastapi import Request, Response

from services.pagination import Page


def link_next(request: Request, response: Response, page: Page[Any]) -> None:
    """Say where the next page is: the same request, with the cursor."""
    if page.next_cursor is not None:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{url}>; rel="next"'
