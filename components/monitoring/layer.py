"""The layer: the laboratory's own Prometheus, or what the site's needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.ingress import Backend
from components.monitoring import operator, prometheus, scraping
from components.monitoring.operator import OperatorArgs
from components.monitoring.prometheus import PrometheusArgs
from components.monitoring.scraping import Target
from components.monitoring.watched import Watched


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What is watched, where it is, and who collects the metrics."""

    watched: Watched
    targets: Sequence[Target]
    namespace: pulumi.Input[str]
    collected_by: PrometheusArgs | OperatorArgs


class Monitoring(pulumi.ComponentResource):
    """The metrics of the laboratory, the alerts about them, and a dashboard."""

    backend: Backend | None
    """Where Prometheus answers, and asks nobody who they are; None where the site runs it."""

    def __init__(
        self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Monitoring", name, None, opts)
        for target in args.targets:
            scraping.service(target, pulumi.ResourceOptions(parent=self))
        what = (args.watched, args.namespace, args.targets, self)
        match args.collected_by:
            case PrometheusArgs() as own:
                service = prometheus.run(own, *what)
                self.backend = Backend(
                    namespace=args.namespace, service=service.metadata.name, port=prometheus.PORT
                )
            case OperatorArgs() as told:
                operator.tell(told, *what)
                self.backend = None
        self.register_outputs({})
