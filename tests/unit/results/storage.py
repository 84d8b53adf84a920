"""An object storage behind an ingress, in a dictionary: it refuses, pages and forgets as told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from sslab.checks.access import SiteAccess
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
SECRETS = {
    f"s3-{bucket}-{half}-key": f"{half}-of-{bucket}"
    for bucket in ("z-peak", "fitting-service")
    for half in ("access", "secret")
}


@dataclass
class ObjectStorage:
    """The objects by path, what was asked for, and the size of a page of a list."""

    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    page: int = 2
    refuses: dict[str, int] = field(default_factory=dict)
    answer: bytes | None = None

    def listed(self, bucket: str, prefix: str, after: str) -> bytes:
        keys = sorted(
            path.removeprefix(f"/{bucket}/")
            for path in self.objects
            if path.startswith(f"/{bucket}/{prefix}")
        )
        rest = [key for key in keys if key > after]
        shown = rest[: self.page]
        more = len(rest) > len(shown)
        token = f"<NextContinuationToken>+/{shown[-1]}=</NextContinuationToken>" if more else ""
        contents = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in shown)
        truncated = "true" if more else "false"
        return (
            f'<ListBucketResult xmlns="{NAMESPACE}"><IsTruncated>{truncated}</IsTruncated>'
            f"{contents}{token}</ListBucketResult>"
        ).encode()


def handler(storage: ObjectStorage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            if storage.answer is not None:
                return self.reply(200, storage.answer)
            if "list-type" in query:
                token = query.get("continuation-token", ["+/="])[0]
                bucket = url.path.strip("/")
                prefix = query["prefix"][0]
                return self.reply(200, storage.listed(bucket, prefix, token[2:-1]))
            body = storage.objects.get(unquote(url.path))
            return self.reply(404 if body is None else 200, body or b"<Code>NoSuchKey</Code>")

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if "PUT" not in storage.refuses:
                storage.objects[unquote(self.path)] = body
            self.reply(200, b"")

        def reply(self, status: int, body: bytes) -> None:
            storage.asked.append((self.command, self.path, self.headers["Authorization"] or ""))
            status = storage.refuses.get(self.command, status)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


@contextmanager
def running(**changes: Any) -> Iterator[tuple[ObjectStorage, SiteAccess]]:
    """Yield a storage, and the doors of the local site that lead to it."""
    storage = ObjectStorage()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(storage))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    data["ingress"]["port"] = server.server_address[1]
    try:
        yield storage, SiteAccess(Site.model_validate({**data, **changes}), SECRETS)
    finally:
        server.shutdown()
        server.server_close()
