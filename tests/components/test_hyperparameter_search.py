from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sslab.catalogue.layers import images_of
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity, total
from sslab.catalogue.secrets import required_secrets
from sslab.site.model import Site
from tests.components.recording import ROOT, Recorded, Recording, record_laboratory, site

NAME = "hyperparameter-search"
DATABASE = f"{NAME}-database"


def asked(**settings: Any) -> Site:
    objects = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": [NAME]}
    return site(patterns={NAME: settings}, object_storage=objects)


def searched(**settings: Any) -> Recording:
    return record_laboratory(asked(**settings))


@pytest.fixture(scope="module")
def recording() -> Recording:
    return searched()


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def environment(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def test_each_worker_is_told_all_it_reads(recording: Recording) -> None:
    told = environment(job(recording).container(NAME))
    assert told["TRIALS"] == "40"
    assert told["SEED"] == "20190622"
    assert told["EVENTS"] == "600"
    assert told["GRACE_S"] == "20"
    assert told["DATABASE_HOST"] == f"{DATABASE}.{NAME}.svc.cluster.local"
    assert told["DATABASE_PORT"] == "5432"
    assert told["DATABASE_USER"] == "search"
    password = {"secretKeyRef": {"name": DATABASE, "key": "password"}}
    assert told["DATABASE_PASSWORD"] == password
    server = recording.one("StatefulSet", DATABASE).container("postgresql")
    assert environment(server)["POSTGRES_PASSWORD"] == password
    assert environment(server)["POSTGRES_USER"] == "search"


def test_the_workers_are_the_tasks_of_one_job() -> None:
    spec = job(searched(workers=3, trials=100)).spec
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 3, 3)
    assert spec["backoffLimitPerIndex"] > 0
    assert 0 < spec["activeDeadlineSeconds"] <= 600  # Pulumi waits ten minutes for a Job


def test_the_database_is_data_and_is_protected(recording: Recording) -> None:
    claim = recording.one("PersistentVolumeClaim", DATABASE)
    assert claim.protected
    assert claim.spec["resources"]["requests"] == {"storage": "1Gi"}
    assert recording.one("Namespace", NAME).protected
    (data,) = [
        each for each in recording.one("StatefulSet", DATABASE).pod["volumes"]
        if each["name"] == "data"
    ]  # fmt: skip
    assert data["persistentVolumeClaim"] == {"claimName": DATABASE}


def test_the_password_is_made_once_and_kept_encrypted(recording: Recording) -> None:
    keys = {each.key: each for each in required_secrets(asked(), load_contracts(ROOT))}
    spec = keys["hyperparameter-search-database-password"]
    assert spec.recipe is not None  # `sslab secrets init` makes it
    secret = recording.one("Secret", DATABASE)
    assert secret.props["stringData"] == {
        "password": "value-of-hyperparameter-search-database-password"
    }
    assert not secret.plain("stringData.password")
    server = recording.one("StatefulSet", DATABASE)
    changed = record_laboratory(
        asked(), {**dict.fromkeys(keys, "x" * 16), spec.key: "another-password"}
    ).one("StatefulSet", DATABASE)
    told = server.template["metadata"]["annotations"]
    assert told != changed.template["metadata"]["annotations"]  # so the server starts again


def test_the_job_waits_for_the_database(recording: Recording) -> None:
    # its address is known once the server is ready
    assert recording.one("StatefulSet", DATABASE).urn in job(recording).depends_on


@pytest.mark.parametrize("scale", [1, 3])
def test_what_is_needed_is_what_is_requested(scale: int) -> None:
    recording = searched(workers=2 * scale)
    needs = load_contracts(ROOT)[NAME].needs
    workers = [job(recording).container(NAME)["resources"]["requests"]] * 2
    server = recording.one("StatefulSet", DATABASE).container("postgresql")["resources"]["requests"]
    requests = [*workers, server]
    assert total(each["cpu"] for each in requests) == parse_quantity(needs.cpu)
    assert total(each["memory"] for each in requests) == parse_quantity(needs.memory)
    claim = recording.one("PersistentVolumeClaim", DATABASE).spec["resources"]["requests"]
    assert claim["storage"] == needs.storage[0].size


def test_the_databases_image_is_built_for_the_site() -> None:
    assert {"analysis", "postgresql"} <= set(images_of(asked(), load_contracts(ROOT)))


def test_pods_take_no_power(recording: Recording) -> None:
    server = recording.one("StatefulSet", DATABASE)
    for pod in (server, job(recording)):
        for container in pod.pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"]
            assert context["runAsNonRoot"]
            assert context["capabilities"] == {"drop": ["ALL"]}
        assert not pod.pod["automountServiceAccountToken"]


def test_a_queue_is_named_by_a_label(recording: Recording) -> None:
    assert "kueue.x-k8s.io/queue-name" not in job(recording).metadata["labels"]
    queued = job(searched(queue="cms"))
    waiting = queued.metadata
    assert waiting["labels"]["kueue.x-k8s.io/queue-name"] == "cms"
    # others may be before it, and then it takes its own time
    patience_s = int(waiting["annotations"]["pulumi.com/timeoutSeconds"])
    assert patience_s == 3600 + queued.spec["activeDeadlineSeconds"] + 60


def test_settings_are_read_without_pulumi() -> None:
    code = "import sys, runpy; runpy.run_path('patterns/hyperparameter_search/settings.py'); " + (
        "sys.exit([name for name in sys.modules if name.startswith('pulumi')] != [])"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
