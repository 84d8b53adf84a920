"""What the service counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from .pool import WorkerPool


class Metrics:
    """The service's metrics in a registry of their own. Durations are in seconds."""

    def __init__(self, pool: WorkerPool) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.fits = Counter(
            "fitting_fits",
            "Requests for a fit by outcome: computed, cached, joined (an identical fit was under "
            "way), or the code of the error.",
            ["outcome"],
            registry=self.registry,
        )
        self.duration = Histogram(
            "fitting_fit_duration_seconds",
            "Seconds in a worker, of fits that were computed.",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60),
            registry=self.registry,
        )
        self.cache_hits = Counter(
            "fitting_cache_hits",
            "Requests answered from object storage without a fit.",
            registry=self.registry,
        )
        self.store_errors = Counter(
            "fitting_store_errors",
            "Failed uses of object storage by operation.",
            ["operation"],
            registry=self.registry,
        )
        self._gauges(pool)

    def _gauges(self, pool: WorkerPool) -> None:
        """Gauges that are read off the pool whenever Prometheus asks."""
        for name, text, value in (
            ("fitting_in_flight", "Fits in a worker now.", lambda: pool.busy),
            ("fitting_waiting", "Fits waiting for a worker now.", lambda: pool.waiting),
            ("fitting_workers", "Worker processes wanted.", lambda: pool.size),
            ("fitting_workers_warm", "Worker processes ready or busy.", lambda: pool.warm),
            ("fitting_workers_replaced", "Workers lost or ended so far.", lambda: pool.replaced),
        ):
            Gauge(name, text, registry=self.registry).set_function(value)
