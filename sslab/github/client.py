"""One repository at GitHub, by its REST API."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx

from sslab.github.errors import GitHubError

PAGE: Final = 100
"""As many entries of a list as GitHub gives at once."""

ATTEMPTS: Final = 4
LONGEST_WAIT_S: Final = 300.0
"""Nobody waits longer than this for a rate limit to be over."""

REQUEST_S: Final = 30.0


class Client:
    """One repository, `owner/name`, and a token that may do something there."""

    def __init__(
        self,
        address: str,
        repository: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.repository = repository
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=address.rstrip("/"),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=REQUEST_S,
        )

    @classmethod
    def of_workflow(cls, environment: Mapping[str, str] = os.environ) -> Client:
        """Return the client for the workflow that runs. Raises GitHubError outside of one."""
        names = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
        missing = [name for name in names if not environment.get(name)]
        if missing:
            raise GitHubError(
                f"{missing[0]} is not set",
                remedy="a workflow sets GITHUB_API_URL and GITHUB_REPOSITORY; give the step "
                "`env: {GITHUB_TOKEN: ${{ github.token }}}`",
            )
        return cls(*(environment[name] for name in names))

    def get(self, path: str, **query: str) -> Any:
        """Return what is at a path below the repository. Raises GitHubError."""
        return self._send("GET", self._below(path), params=query).json()

    def pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, page after page."""
        url: str | None = self._below(path)
        params: dict[str, str] = {**query, "per_page": str(PAGE)}
        while url:
            response = self._send("GET", url, params=params)
            yield from response.json()
            # the address of the next page has the query in it
            url, params = response.links.get("next", {}).get("url"), {}

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make something new and return it."""
        return dict(self._send("POST", self._below(path), json=body).json())

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change what is there and return it."""
        return dict(self._send("PATCH", self._below(path), json=body).json())

    def _below(self, path: str) -> str:
        return f"/repos/{self.repository}/{path}"

    def _send(
        self, method: str, url: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> httpx.Response:
        """Send a request, again where it was not carried out and may be later."""
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                response = self._client.request(method, url, params=params or None, json=json)
            except httpx.TransportError as error:
                if last or not _unharmed(method, error):
                    raise GitHubError(
                        f"{self._client.base_url.host} does not answer: {error}",
                        remedy="run the job again; githubstatus.com says how GitHub is",
                    ) from None
                self._sleep(2.0**attempt)
                continue
            if response.is_success:
                return response
            wait = _wait_s(method, response, attempt)
            if wait is None or last:
                raise _refusal(method, response)
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")


def _unharmed(method: str, error: httpx.TransportError) -> bool:
    """Tell whether sending a request again cannot do the same thing twice."""
    return method != "POST" or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)


def _wait_s(method: str, response: httpx.Response, attempt: int) -> float | None:
    """Return after how many seconds it is worth to ask again, None where it is not."""
    if response.status_code >= 500:
        return 2.0**attempt if method != "POST" else None
    if not _is_limited(response):
        return None
    headers = response.headers
    if headers.get("retry-after", "").isdigit():
        wait = float(headers["retry-after"])
    elif headers.get("x-ratelimit-reset", "").isdigit():
        wait = max(1.0, float(headers["x-ratelimit-reset"]) - time.time() + 1)
    else:
        wait = 60.0  # as GitHub's documentation asks for
    return wait if wait <= LONGEST_WAIT_S else None


def _is_limited(response: httpx.Response) -> bool:
    if response.status_code == 429:
        return True
    return response.status_code == 403 and (
        response.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in response.headers
        or "rate limit" in _message(response).lower()
    )


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return response.text[:300].strip() or response.reason_phrase


def _refusal(method: str, response: httpx.Response) -> GitHubError:
    what = f"{method} {response.request.url.path}"
    said = f"GitHub answered {what} with {response.status_code}: {_message(response)}"
    if _is_limited(response):
        return GitHubError(said, remedy="the token has no requests left; run the job again later")
    remedies = {
        401: "the token is not valid: a workflow's is ${{ github.token }}",
        403: "the token may not do this: look at the `permissions` of the job, and at what the "
        "repository's settings allow to workflows",
        404: "it is not there, or the token may not see it",
        410: "it is switched off in the repository's settings",
    }
    fallback = "run the job again; githubstatus.com says how GitHub is"
    return GitHubError(said, remedy=remedies.get(response.status_code, fallback))
