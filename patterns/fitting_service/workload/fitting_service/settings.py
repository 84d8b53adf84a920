"""The service's settings, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .cores import usable_cores


class SettingsError(Exception):
    """An environment variable is missing or wrong; the message names it and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the pod is told. The S3 endpoint and keys are read by boto3 itself."""

    bucket: str
    """Name of the bucket that keeps the results (``S3_BUCKET``)."""
    workers: int
    """Processes that fit (``FIT_WORKERS``; the pod's cores where it is not set)."""
    fit_timeout_s: float = 60.0
    """Seconds that one fit may take (``FIT_TIMEOUT_S``)."""
    fit_memory_mib: int = 256
    """MiB that one fit may use on top of an idle worker (``FIT_MEMORY_MIB``)."""
    max_body_bytes: int = 1024 * 1024
    """Bytes of the largest workspace that is read (``MAX_BODY_BYTES``)."""
    queue_limit: int = 32
    """Fits that may wait for a worker before requests are turned away (``QUEUE_LIMIT``)."""
    host: str = "0.0.0.0"
    """Address to listen on (``HOST``)."""
    port: int = 8080
    """Port to listen on (``PORT``)."""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises :class:`SettingsError` for a missing bucket or a value that is no number in range.
    """
    bucket = environ.get("S3_BUCKET", "")
    if not bucket:
        raise SettingsError("S3_BUCKET is not set: name the bucket that keeps the results")
    return Settings(
        bucket=bucket,
        workers=_whole(environ, "FIT_WORKERS", usable_cores(), largest=256),
        fit_timeout_s=_seconds(environ, "FIT_TIMEOUT_S", Settings.fit_timeout_s),
        fit_memory_mib=_whole(environ, "FIT_MEMORY_MIB", Settings.fit_memory_mib),
        max_body_bytes=_whole(environ, "MAX_BODY_BYTES", Settings.max_body_bytes),
        queue_limit=_whole(environ, "QUEUE_LIMIT", Settings.queue_limit),
        host=environ.get("HOST", Settings.host),
        port=_whole(environ, "PORT", Settings.port, largest=65535),
    )


def _whole(environ: Mapping[str, str], name: str, default: int, largest: int = 2**40) -> int:
    text = environ.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        raise SettingsError(f'{name} is "{text}": give a whole number from 1 to {largest}')
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.1 <= value <= 86400.0:
        raise SettingsError(f'{name} is "{text}": give a number of seconds from 0.1 to 86400')
    return value
