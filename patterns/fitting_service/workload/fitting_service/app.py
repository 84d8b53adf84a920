"""The HTTP API: routes, their documentation, and errors as one kind of answer."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from .example import TWO_BIN_WORKSPACE
from .intake import Intake
from .pages import landing_page
from .pool import WorkerPool
from .rejection import RejectionError
from .schemas import ErrorBody, FitResult
from .service import FitService
from .settings import Settings
from .store import Store, StoreError

log = logging.getLogger("fitting_service.http")

_ID = re.compile(r"[0-9a-f]{64}")
_PYHF_VERSION = version("pyhf")

_DESCRIPTION = f"""
Fits a statistical model of counted events (a HistFactory workspace) with pyhf {_PYHF_VERSION}.

A result's `id` is the SHA-256 of the workspace, `mu`, the measurement and the version of pyhf.
The same question is computed once; its result is kept in object storage.
Every error is `{{"error": {{"code", "message", "path"}}}}`.
"""

_REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "description": "The workspace document itself, schema 1.0.0 of HistFactory JSON "
        "(https://pyhf.readthedocs.io/en/v0.7.6/likelihood.html). Read as JSON whatever the "
        "Content-Type says.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}

_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not JSON.", "model": ErrorBody},
    408: {"description": "The body did not arrive in time.", "model": ErrorBody},
    413: {"description": "The body is too large.", "model": ErrorBody},
    415: {"description": "The body is compressed.", "model": ErrorBody},
    422: {"description": "The workspace or a parameter cannot be fitted.", "model": ErrorBody},
    429: {"description": "Too many fits wait; see Retry-After.", "model": ErrorBody},
    503: {"description": "The fit's process was lost; try again.", "model": ErrorBody},
    504: {"description": "The fit took too long and was ended.", "model": ErrorBody},
}
_STORED_ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"description": "No such result.", "model": ErrorBody},
    503: {"description": "Object storage is down.", "model": ErrorBody},
}

Mu = Annotated[
    float,
    Query(
        gt=0, le=1e6, allow_inf_nan=False,
        description="Signal strength to test, as a multiple of the signal in the workspace.",
    ),
]  # fmt: skip
Measurement = Annotated[
    str | None,
    Query(
        min_length=1, max_length=200,
        description="Name of the measurement; needed only where the workspace has several.",
    ),
]  # fmt: skip


def build_app(settings: Settings, new_store: Callable[[], Store]) -> FastAPI:
    """The application. Its workers start, and the store opens, when the server starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = WorkerPool(
            size=settings.workers,
            timeout_s=settings.fit_timeout_s,
            memory_mib=settings.fit_memory_mib,
            queue_limit=settings.queue_limit,
        )
        app.state.pool = pool
        app.state.intake = Intake(max_bytes=settings.max_body_bytes)
        app.state.service = FitService(
            store=new_store(), pool=pool, fit_timeout_s=settings.fit_timeout_s
        )
        pool.start()
        yield
        await app.state.service.close()

    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Fitting service",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
    )
    app.include_router(_api)
    app.include_router(_operations)
    app.add_exception_handler(RejectionError, _rejected)
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        """FastAPI drops every null from the document, and a workspace's example needs its own."""
        document = describe()
        body = document["paths"]["/v1/fits"]["post"]["requestBody"]
        body["content"]["application/json"]["example"] = TWO_BIN_WORKSPACE
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    return app


_api = APIRouter(prefix="/v1", tags=["fits"])
_operations = APIRouter(tags=["operations"])


@_api.post("/fits", summary="Fit a workspace", responses=_ERRORS, openapi_extra=_REQUEST_BODY)
async def post_fit(request: Request, mu: Mu = 1.0, measurement: Measurement = None) -> FitResult:
    """Fit a workspace, or answer with the kept result of the same question."""
    service: FitService = request.app.state.service
    try:
        body = await request.app.state.intake.read(request)
    except RejectionError as error:
        service.count_rejection(error)
        raise
    return await service.fit(body, mu=mu, measurement=measurement)


@_api.get("/fits/{fit_id}", summary="Look up a kept result", responses=_STORED_ERRORS)
async def get_fit(
    request: Request, fit_id: Annotated[str, Path(description="The id of a result.")]
) -> FitResult:
    """The kept result of this id."""
    service: FitService = request.app.state.service
    if not _ID.fullmatch(fit_id):
        raise RejectionError(
            404, "not_found", "There is no such result: an id is 64 digits 0-9, a-f."
        )
    try:
        result = await service.stored(fit_id)
    except StoreError:
        raise RejectionError(
            503,
            "store_unavailable",
            "Object storage does not answer: try again later.",
            retry_after_s=5,
        ) from None
    if result is None:
        raise RejectionError(
            404, "not_found", "There is no result of this id: POST the workspace to /v1/fits."
        )
    return result


@_api.get("/example", summary="A workspace to try")
async def get_example() -> dict[str, Any]:
    """A small workspace to try the service with: pyhf's documented two-bin example."""
    return TWO_BIN_WORKSPACE


@_operations.get("/", include_in_schema=False)
async def get_landing(request: Request) -> HTMLResponse:
    """What this is and one command to try."""
    return HTMLResponse(landing_page(str(request.base_url), _PYHF_VERSION))


@_operations.get("/healthz", summary="Alive?")
async def get_health() -> dict[str, str]:
    """Alive: the process answers."""
    return {"status": "alive"}


@_operations.get(
    "/readyz", summary="Ready for requests?", responses={503: {"description": "Not yet ready."}}
)
async def get_readiness(request: Request) -> JSONResponse:
    """Ready: a worker is warm, and the bucket has been reached since the start."""
    ready, states = await request.app.state.service.readiness()
    status = {"status": "ready" if ready else "not ready", **states}
    return JSONResponse(status, status_code=200 if ready else 503)


@_operations.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Metrics in the Prometheus text format."""
    text = generate_latest(request.app.state.service.metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def _rejected(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RejectionError)
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers())


async def _wrong_parameter(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    rejection = RejectionError(422, "invalid_parameter", f"Query parameter {name}: {first['msg']}.")
    request.app.state.service.count_rejection(rejection)
    return await _rejected(request, rejection)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    rejection = RejectionError(error.status_code, code, f"{error.detail}. The API is at /docs.")
    response = await _rejected(request, rejection)
    response.headers.update(error.headers or {})
    return response


async def _internal_error(request: Request, _: Exception) -> JSONResponse:
    """A fault of the service itself. Starlette logs it with its traceback; the client sees none."""
    message = "The service met a fault of its own; its log says more."
    return await _rejected(request, RejectionError(500, "internal", message))
