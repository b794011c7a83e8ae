"""Signing requests with a Label Studio token, of either kind."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from annotation.errors import AnnotationError


class TokenAuth(httpx.Auth):
    """The legacy user token goes into the header as it is. A personal access token is a refresh token (a
    JWT): it buys an access token that lives minutes, and buys another when the server refuses that one.
    """

    requires_response_body = True

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._access: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token.count(".") != 2:
            request.headers["Authorization"] = f"Token {self._token}"
            yield request
            return
        if self._access is None:
            yield from self._refresh()
        request.headers["Authorization"] = f"Bearer {self._access}"
        response = yield request
        if response.status_code == 401:
            yield from self._refresh()
            request.headers["Authorization"] = f"Bearer {self._access}"
            yield request

    def _refresh(self) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield httpx.Request(
            "POST", f"{self._url}/api/token/refresh", json={"refresh": self._token}
        )
        if response.status_code in (400, 401, 403, 404):
            raise AnnotationError(
                f"{self._url} refused the access token; make a new one under Account & Settings"
            )
        if not response.is_success:  # the server is restarting, say; the caller tries again
            raise httpx.TransportError(f"{response.status_code} to the refresh of the access token")
        self._access = response.json()["access"]
