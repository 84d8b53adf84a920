"""How a smoke test reaches a laboratory: its ingress and its object storage."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import httpx
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from sslab.catalogue import layers
from sslab.checks.errors import CheckError
from sslab.checks.inside import Inside
from sslab.site.model import Site

WARM_UP_S = 60.0
"""An ingress may take a moment to learn of a new service: so long 404, 502 and 503 are retried."""

REQUEST_S = 90.0

RECORDS_S = 5.0
"""Records are kept and listed after the smoke tests, or long after: an ingress knows by then."""


class SiteAccess:
    """The doors of one laboratory. `secrets` are the stack's decrypted values.

    `address` is where names under the site's domain are reached, whatever DNS says of them; None:
    where DNS says. `inside` has the services that are not open to everybody, by name: they are
    reached inside the cluster.
    """

    def __init__(
        self,
        site: Site,
        secrets: Mapping[str, str],
        address: str | None = None,
        inside: Mapping[str, Inside] = MappingProxyType({}),
    ) -> None:
        self.site = site
        self._secrets = secrets
        self._address = address
        self._inside = inside
        # no proxy of the machine's, but its certificates: SSL_CERT_FILE counts
        self._client = httpx.Client(
            timeout=REQUEST_S, trust_env=False, verify=httpx.create_ssl_context()
        )

    def get(self, service: str, path: str) -> httpx.Response:
        """GET a path of a service through the ingress, or behind its login."""
        if service in self._inside:
            return httpx.Response(200, text=self._inside[service].get(path))
        return self._send("GET", self._url(service) + path, {}, None)

    def post(self, service: str, path: str, body: Any) -> httpx.Response:
        """POST a JSON document to a service through the ingress, or behind its login."""
        if service in self._inside:
            return httpx.Response(200, text=self._inside[service].post(path, body))
        return self._send("POST", self._url(service) + path, {}, body)

    def ask(
        self, service: str, method: str, path: str, token: str, body: Any = None
    ) -> httpx.Response:
        """Send a JSON document to a service through the ingress, as whoever has a token."""
        headers = {"Authorization": f"token {token}"}
        return self._send(method, self._url(service) + path, headers, body)

    def channel(self, service: str, path: str, token: str) -> ClientConnection:
        """Open a WebSocket to a service through the ingress. Raises CheckError where it cannot."""
        url = self._url(service) + path
        address, _, _ = self._addressed(url, {})
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            return connect(
                url.replace("http", "ws", 1),
                sock=socket.create_connection((address.host, port), timeout=REQUEST_S),
                ssl=httpx.create_ssl_context() if address.scheme == "https" else None,
                additional_headers={"Authorization": f"token {token}"},
                open_timeout=REQUEST_S,  # a kernel may have to start first
                max_size=None,
                proxy=None,
            )
        except (OSError, WebSocketException) as error:
            raise CheckError(
                f"{url} takes no WebSocket: {error}",
                remedy="whatever is in front of the ingress has to let WebSockets through",
            ) from error

    def secret(self, key: str) -> str:
        """Return a credential of the site's stack. Raises CheckError where it is missing."""
        if key not in self._secrets:
            raise CheckError(
                f"the stack of {self.site.name} has no {key}",
                remedy=f"`sslab secrets init {self.site.name}` makes it",
            )
        return self._secrets[key]

    def asks_for_login(self, service: str) -> bool:
        """Tell whether the laboratory logs the users of a pattern's service in."""
        return service in self._inside

    def as_stranger(self, service: str, path: str = "/") -> httpx.Response:
        """GET a path of a service through the ingress, without a login."""
        return self._send("GET", self._url(service) + path, {}, None)

    def stored(self, bucket: str, key: str, patience_s: float | None = None) -> bytes:
        """Return an object of the site's object storage, read with that bucket's credentials.

        One that is not there is asked for again for `patience_s` seconds, by default WARM_UP_S.
        """
        return self._objects("GET", bucket, key, patience_s=patience_s).content

    def keep(self, bucket: str, key: str, document: bytes) -> None:
        """Store a JSON document in the site's object storage, with that bucket's credentials."""
        self._objects("PUT", bucket, key, document=document, patience_s=RECORDS_S)

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Yield the keys of a bucket that begin so, as the object storage sorts them: by bytes."""
        query = {"list-type": "2", "prefix": prefix}
        while True:
            answer = self._objects("GET", bucket, "", query=query, patience_s=RECORDS_S)
            try:
                page = ElementTree.fromstring(answer.content)
            except ElementTree.ParseError as error:
                raise _no_list(bucket, prefix, f"is no XML ({error})") from error
            yield from (each.text or "" for each in page.iterfind("{*}Contents/{*}Key"))
            if page.findtext("{*}IsTruncated") != "true":
                return
            token = page.findtext("{*}NextContinuationToken")
            if not token or token == query.get("continuation-token"):
                raise _no_list(bucket, prefix, "goes on and does not say where")
            query["continuation-token"] = token

    def _objects(
        self,
        method: str,
        bucket: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        document: bytes | None = None,
        patience_s: float | None = None,
    ) -> httpx.Response:
        """Ask the object storage, signed with the keys of a bucket. Raises CheckError."""
        address = layers.objects_url(self.site)
        if address is None:
            raise CheckError(
                f"the bucket {bucket} of {self.site.name} cannot be reached from outside",
                remedy="set object_storage and ingress in the site file, or ask it from a pod",
            )
        names = (f"s3-{bucket}-access-key", f"s3-{bucket}-secret-key")
        missing = [name for name in names if name not in self._secrets]
        if missing:
            raise CheckError(
                f"the stack of {self.site.name} has no {' and no '.join(missing)}",
                remedy=f"`sslab secrets list {self.site.name}` shows what there is",
            )
        url = f"{address}/{layers.bucket_name(self.site, bucket)}/{quote(key)}"
        if query:
            url = f"{url.rstrip('/')}?{urlencode(query, quote_via=quote, safe='')}"
        headers = {} if document is None else {"Content-Type": "application/json"}
        request = AWSRequest(method=method, url=url, headers=headers, data=document or b"")
        credentials = Credentials(*(self._secrets[name] for name in names))
        S3SigV4Auth(credentials, "s3", layers.region(self.site)).add_auth(request)
        response = self._send(
            method, url, dict(request.headers.items()), None, document, patience_s
        )
        if response.status_code != 200:
            raise CheckError(f"{url} answered {response.status_code}", remedy="see the pod's logs")
        return response

    def _url(self, service: str) -> str:
        if self.site.reached is None:
            raise CheckError(
                f"{service} of {self.site.name} cannot be reached from outside",
                remedy="set ingress in the site file, or ask it from a pod",
            )
        return self.site.url(service)

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: Any,
        document: bytes | None = None,
        patience_s: float | None = None,
    ) -> httpx.Response:
        """Send, retrying while the ingress does not know the service yet."""
        address, headers, extensions = self._addressed(url, headers)
        deadline = time.monotonic() + (WARM_UP_S if patience_s is None else patience_s)
        while True:
            try:
                response = self._client.request(
                    method,
                    address,
                    headers=headers,
                    json=body,
                    content=document,
                    extensions=extensions,
                )
                if response.status_code not in (404, 502, 503):
                    return response
                problem = f"{url} answered {response.status_code}: {response.text[:200].strip()}"
            except httpx.HTTPError as error:
                problem = f"{url} does not answer: {error}"
                if _nameless(error, late=time.monotonic() > deadline):
                    raise self._no_name(url) from error
            if time.monotonic() > deadline:
                raise CheckError(problem, remedy="`kubectl get pods -A` shows what does not run")
            time.sleep(0.5)

    def _no_name(self, url: str) -> CheckError:
        """Return the error for a name that DNS does not have."""
        domain = self.site.reached.domain if self.site.reached else ""
        return CheckError(
            f"DNS has no address for {httpx.URL(url).host}",
            remedy=f"make an entry for *.{domain}, or name the address that it will have: "
            f"`sslab check {self.site.name} --address ADDRESS`",
        )

    def _addressed(
        self, url: str, headers: dict[str, str]
    ) -> tuple[httpx.URL, dict[str, str], dict[str, str]]:
        """Return where to connect, with the name as Host and as that of the certificate.

        Names under .localhost are this machine (RFC 6761), which not every resolver knows.
        """
        parsed = httpx.URL(url)
        reached = self.site.reached
        address = self._address
        if reached is None or not parsed.host.endswith(f".{reached.domain}"):
            address = None
        if address is None and parsed.host.endswith(".localhost"):
            address = "127.0.0.1"
        if address is None:
            return parsed, headers, {}
        headers = {**headers, "Host": parsed.netloc.decode()}
        return parsed.copy_with(host=address), headers, {"sni_hostname": parsed.host}


def _no_list(bucket: str, prefix: str, what: str) -> CheckError:
    return CheckError(
        f"the list of {bucket}/{prefix} {what}", remedy="is that address an object storage's?"
    )


def _nameless(error: httpx.HTTPError, *, late: bool) -> bool:
    """Tell whether DNS has no such name; where it does not answer, only when it is `late`."""
    said = str(error)
    return "Name or service not known" in said or (late and "in name resolution" in said)
