"""The hyper-parameter search: a database, and a Job whose pods are the workers of one study."""

from __future__ import annotations

import pulumi

from components import postgresql
from components.analysis import QUEUE_LABEL, Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from components.postgresql import PostgreSQLArgs
from patterns.hyperparameter_search.settings import Settings
from patterns.sources import sources

PACKAGE = "hyperparameter_search"
DATABASE = "database"
USER = "search"
DATABASE_SIZE = "1Gi"
"""What the contract says; 2000 trials take 10 MB."""
DEADLINE_S = 600


class HyperparameterSearch(pulumi.ComponentResource):
    """A database and a Job; Pulumi waits until the Job has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:HyperparameterSearch", name, None, opts)
        database = postgresql.run(
            f"{name}-{DATABASE}",
            PostgreSQLArgs(
                namespace=place.namespace,
                image=place.other_images["postgresql"],
                user=USER,
                password=place.passwords[DATABASE],
                size=DATABASE_SIZE,
                cpu="100m",
                memory="256Mi",
                storage=place.storage,
                cluster_domain=place.cluster_domain,
                house=place.house,
            ),
            self,
        )
        analysis = AnalysisArgs(
            package=PACKAGE,
            sources=sources(PACKAGE),
            environment={
                "TRIALS": str(settings.trials),
                "SEED": str(settings.seed),
                "EVENTS": str(settings.events),
                "GRACE_S": str(settings.grace_s),
            },
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=DEADLINE_S,
            completions=settings.workers,
            parallelism=settings.workers,
            labels={QUEUE_LABEL: settings.queue} if settings.queue else {},
            variables=database.variables,
        )
        Analysis(name, analysis, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: HyperparameterSearch(name, settings, place, opts)
