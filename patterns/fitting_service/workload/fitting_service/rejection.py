"""The one way in which the service says no: a status, a code and a message with the remedy."""

from typing import Any

_MAX_MESSAGE = 500


class RejectionError(Exception):
    """A request that is answered with an error instead of a result.

    ``status`` is the HTTP status, ``code`` a word for programs (it is also the metric's
    ``outcome``), ``path`` the place in the workspace, e.g. ``channels[0].samples[1].data``,
    and ``retry_after_s`` the number of seconds after which a repeat makes sense.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        path: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + "…"
        self.path = path
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.path:
            error["path"] = self.path
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """The headers of the answer, ``Retry-After`` where a repeat makes sense."""
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
