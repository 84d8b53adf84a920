"""A small stand-in for GitHub's REST API, for one repository.

It keeps pull requests, issues, comments, commits' statuses and who may do what: a token has the
permissions of its job, and what they do not allow is refused as GitHub refuses it.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

BOT = {"login": "github-actions[bot]", "type": "Bot"}
NO_RIGHT = "Resource not accessible by integration"
LONGEST = 65_536
LONGEST_STATUS = 140


class Answer(NamedTuple):
    """What a request gets."""

    status: int
    body: Any
    headers: Mapping[str, str] = {}


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"message": message}, headers)


@dataclass
class Api:
    """The repository `owner/name` whose git is the bare repository `git`."""

    git: Path
    name: str = "ssl-hep/ssl"
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    commit_comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: dict[str, Mapping[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    largest_page: int = 100
    address: str = ""

    def new_number(self) -> int:
        """Return a number that no issue and no pull request has."""
        return max([0, *self.issues, *self.pulls]) + 1

    def new_id(self) -> int:
        """Return the id of a comment."""
        return 1000 + len(self.comments) + len(self.commit_comments)

    def comments_of(self, number: int) -> list[dict[str, Any]]:
        """Return the comments below an issue or a pull request."""
        return [each for each in self.comments.values() if each["issue"] == number]

    def write_comment(self, number: int, body: str, user: Mapping[str, str]) -> dict[str, Any]:
        """Write a comment below an issue or a pull request."""
        if len(body) > LONGEST:
            raise RefusedError(
                422, "Validation Failed: body is too long (maximum is 65536 characters)"
            )
        key = self.new_id()
        made = {"id": key, "issue": number, "body": body, "user": dict(user)}
        made["html_url"] = f"https://git.example.edu/{self.name}/issues/{number}#{key}"
        self.comments[key] = made
        return made


def _body(body: Mapping[str, Any]) -> dict[str, Any]:
    if len(body.get("body", "")) > LONGEST:
        raise RefusedError(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    return dict(body)


class _Request(NamedTuple):
    api: Api
    rights: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def needs(self, *any_of: str) -> None:
        """Refuse a token that has none of these permissions to write."""
        if not any(self.rights.get(each) == "write" for each in any_of):
            raise RefusedError(403, NO_RIGHT)


def get_pull(request: _Request, number: str) -> Any:
    return _found(request.api.pulls, number)


def get_comments(request: _Request, number: str) -> Any:
    return request.api.comments_of(int(number))


def post_comment(request: _Request, number: str) -> Any:
    request.needs(*(("pull-requests",) if int(number) in request.api.pulls else ()), "issues")
    if int(number) not in {*request.api.issues, *request.api.pulls}:
        raise RefusedError(404, "Not Found")
    return request.api.write_comment(int(number), request.body["body"], BOT)


def patch_comment(request: _Request, number: str) -> Any:
    request.needs("pull-requests", "issues")
    found = _found(request.api.comments, number)
    found.update(_body(request.body))
    return found


def get_pulls_of_commit(request: _Request, commit: str) -> Any:
    return [each for each in request.api.pulls.values() if each["merge_commit_sha"] == commit]


def get_commit_comments(request: _Request, commit: str) -> Any:
    return [each for each in request.api.commit_comments.values() if each["commit_id"] == commit]


def post_commit_comment(request: _Request, commit: str) -> Any:
    request.needs("contents")
    _known(request.api, commit)
    made = {**_body(request.body), "id": request.api.new_id(), "commit_id": commit, "user": BOT}
    made["html_url"] = f"https://git.example.edu/{request.api.name}/commit/{commit}#{made['id']}"
    request.api.commit_comments[made["id"]] = made
    return made


def patch_commit_comment(request: _Request, number: str) -> Any:
    request.needs("contents")
    found = _found(request.api.commit_comments, number)
    found.update(_body(request.body))
    return found


def post_status(request: _Request, commit: str) -> Any:
    request.needs("statuses")
    _known(request.api, commit)
    if request.body["state"] not in ("error", "failure", "pending", "success"):
        raise RefusedError(422, "Validation Failed: state is not included in the list")
    if len(request.body["description"]) > LONGEST_STATUS:
        raise RefusedError(
            422, "Validation Failed: description is too long (maximum is 140 characters)"
        )
    made = dict(request.body)
    request.api.statuses.setdefault(commit, []).append(made)
    return made


def _known(api: Api, commit: str) -> None:
    known = subprocess.run(["git", "-C", str(api.git), "cat-file", "-e", commit], check=False)
    if known.returncode != 0:
        raise RefusedError(422, f"No commit found for SHA: {commit}")


def get_issues(request: _Request) -> Any:
    wanted = request.query.get("labels")
    state = request.query.get("state", "open")
    return [
        each
        for each in request.api.issues.values()
        if (wanted is None or wanted in each["labels"]) and state in (each["state"], "all")
    ]


def post_issue(request: _Request) -> Any:
    request.needs("issues")
    number = request.api.new_number()
    made = {"labels": [], **_body(request.body), "number": number, "state": "open", "user": BOT}
    made["html_url"] = f"https://git.example.edu/{request.api.name}/issues/{number}"
    request.api.issues[number] = made
    return made


def patch_issue(request: _Request, number: str) -> Any:
    request.needs("issues")
    found = _found(request.api.issues, number)
    found.update(_body(request.body))
    return found


def _found(entries: Mapping[int, dict[str, Any]], number: str) -> dict[str, Any]:
    if int(number) not in entries:
        raise RefusedError(404, "Not Found")
    return entries[int(number)]


ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", r"pulls/(\d+)", get_pull),
    ("GET", r"issues/(\d+)/comments", get_comments),
    ("POST", r"issues/(\d+)/comments", post_comment),
    ("PATCH", r"issues/comments/(\d+)", patch_comment),
    ("GET", r"commits/([0-9a-f]{40})/pulls", get_pulls_of_commit),
    ("GET", r"commits/([0-9a-f]{40})/comments", get_commit_comments),
    ("POST", r"commits/([0-9a-f]{40})/comments", post_commit_comment),
    ("PATCH", r"comments/(\d+)", patch_commit_comment),
    ("POST", r"statuses/([0-9a-f]{40})", post_status),
    ("GET", r"issues", get_issues),
    ("POST", r"issues", post_issue),
    ("PATCH", r"issues/(\d+)", patch_issue),
]


def answer(api: Api, method: str, target: str, token: str, body: Mapping[str, Any]) -> Answer:
    """Return what GitHub would answer."""
    address = urlsplit(target)
    api.requests.append(f"{method} {address.path}")
    if api.faults:
        fault = api.faults.pop(0)
        if fault.status:
            return fault
    if token not in api.tokens:
        return Answer(401, {"message": "Bad credentials"})
    query = {name: values[-1] for name, values in parse_qs(address.query).items()}
    below = address.path.removeprefix(f"/repos/{api.name}/")
    for verb, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, below)
        if found and verb == method:
            try:
                made = handler(_Request(api, api.tokens[token], query, body), *found.groups())
            except RefusedError as refused:
                return refused.answer
            if isinstance(made, list):
                return _page(api, address.path, query, made)
            return Answer(201 if method == "POST" else 200, made)
    return Answer(404, {"message": f"the stand-in does not know {method} {address.path}"})


def _page(api: Api, path: str, query: Mapping[str, str], entries: list[Any]) -> Answer:
    size = min(int(query.get("per_page", "30")), api.largest_page)
    number = int(query.get("page", "1"))
    shown = entries[(number - 1) * size : number * size]
    more = {**query, "page": str(number + 1)}
    link = f'<{api.address}{path}?{urlencode(more)}>; rel="next"'
    return Answer(200, shown, {"Link": link} if number * size < len(entries) else {})


@contextmanager
def served(api: Api) -> Iterator[Api]:
    """Answer requests at `api.address` while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            made = answer(api, self.command, self.path, token, body)
            sent = json.dumps(made.body).encode()
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
