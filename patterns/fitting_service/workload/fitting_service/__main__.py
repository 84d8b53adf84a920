"""Run the service: ``python -m fitting_service``."""

import logging
import os
import sys
import time

import uvicorn

from .app import build_app
from .settings import SettingsError, read_settings
from .store import S3Store

GRACE_S = 20
"""Seconds that running requests get after SIGTERM; a pod has 30 by default."""
# Longer than the 90 s for which Traefik keeps an idle connection, so that the proxy is always the
# side that closes it and no request meets a connection that is just going away.
KEEP_ALIVE_S = 120


def main() -> int:
    """Serve until SIGTERM; returns the exit code, 2 for wrong settings."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(f"fitting-service: {error}", file=sys.stderr)
        return 2
    # One thread a worker: the workers are as many as the cores.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    _log_plainly()
    logging.getLogger("fitting_service").info(
        "starting workers=%d fit_timeout_s=%g bucket=%s port=%d",
        settings.workers, settings.fit_timeout_s, settings.bucket, settings.port,
    )  # fmt: skip
    uvicorn.run(
        build_app(settings, lambda: S3Store(settings.bucket)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # The pod is reached through an ingress, which knows the scheme the client used.
        forwarded_allow_ips="*",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    return 0


def _log_plainly() -> None:
    """One line an event: UTC time, level, logger, text with key=value pairs."""
    formatter = logging.Formatter(
        "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("botocore").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
