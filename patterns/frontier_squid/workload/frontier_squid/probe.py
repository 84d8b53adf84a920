"""One document, asked for twice through squid: the second time squid has it itself."""

import time
import urllib.error
from collections.abc import Mapping
from urllib.request import ProxyHandler, build_opener

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

PATIENCE_S = 600.0
"""How long squid may take to start: its image has to come first."""

PAUSE_S = 5.0


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Ask twice, and publish the outcome; an earlier one is withdrawn first."""
    withdraw(store)
    proxy, address = environment.text("PROXY"), environment.text("ADDRESS")
    first = time.monotonic()
    ask_until_there(proxy, address, report)
    second = time.monotonic()
    is_hit = from_cache(ask(proxy, address))
    third = time.monotonic()
    report(f"{address} came {'out of the cache' if is_hit else 'from far away'}")
    outcome = Outcome(
        pattern="frontier-squid",
        values={"answers out of the cache": float(is_hit)},
        parameters={"address": address},
        metrics={"first answer (s)": second - first, "second answer (s)": third - second},
    )
    publish(store, outcome)


def ask_until_there(proxy: str, address: str, report: Report) -> None:
    """Ask until squid answers. Raises AnalysisError where it does not, or answers an error."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            ask(proxy, address)
            return
        except urllib.error.HTTPError as error:
            raise AnalysisError(f"{address} answered {error.code} through {proxy}") from None
        except OSError as error:
            if time.monotonic() > deadline:
                raise AnalysisError(
                    f"{proxy} did not answer within {PATIENCE_S:.0f} s: {error}"
                ) from None
        report(f"{proxy} does not answer yet")
        time.sleep(PAUSE_S)


def ask(proxy: str, address: str) -> Mapping[str, str]:
    """Return the headers of an answer, by their names in small letters."""
    with build_opener(ProxyHandler({"http": proxy})).open(address, timeout=60) as answer:
        answer.read()
        return {name.lower(): value for name, value in answer.headers.items()}


def from_cache(headers: Mapping[str, str]) -> bool:
    """Tell whether squid had the document: up to version 5 by X-Cache, then by Cache-Status."""
    status = headers.get("cache-status", "")
    if status:  # RFC 9211: each cache on the way adds an entry, the nearest one last
        return "hit" in (part.strip() for part in status.rpartition(",")[2].split(";")[1:])
    return headers.get("x-cache", "").upper().startswith("HIT")
