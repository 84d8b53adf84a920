from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from components.workloads import HouseRules
from patterns.htcondor import component
from patterns.htcondor.asking import SCRIPT
from patterns.htcondor.pool import Pool
from patterns.htcondor.settings import Settings
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity, total
from sslab.errors import SslabError
from tests.components import charted
from tests.components.charted import CONTRACTS, needed
from tests.components.recording import (
    Recorded,
    Recording,
    record_laboratory,
    secret_values,
    site,
)

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["htcondor"]}
POOL = [{"kind": "slurm"}, {"kind": "htcondor", "endpoint": "pool.example.edu", "port": 9700}]
TOKEN = "header.payload.signature"
HOUSE = HouseRules(limits_over_requests_percent=20)


def laboratory(settings: dict[str, Any] | None = None, **site_has: Any) -> Recording:
    return charted.laboratory("htcondor", settings, object_storage=STORAGE, **site_has)


def joined(token: str | None = TOKEN) -> Recording:
    """Record the workers at a site that has a pool, which knows the laboratory by a token."""
    chosen = {**charted.LARGE, "object_storage": STORAGE, "batch": POOL}
    the_site = site(**chosen, patterns={"htcondor": {}})
    known = secret_values(the_site) | ({"batch-htcondor-token": token} if token else {})
    return record_laboratory(the_site, known, contracts={"htcondor": CONTRACTS["htcondor"]})


def charts(recording: Recording) -> dict[str, Recorded]:
    found = [each for each in recording if each.token == "kubernetes:helm.sh/v4:Chart"]
    return {each.props["chart"]: each for each in found}


def job(recording: Recording) -> Recorded:
    (found,) = [each for each in recording.of("Job") if each.namespace == "htcondor"]
    return found


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in container["env"]}


def test_the_charts_are_pinned_and_of_the_projects_repository() -> None:
    made = {name: each.props["version"] for name, each in charts(laboratory()).items()}
    assert made == {"condor-manager": "0.2.4", "condor-worker": "0.10.4"}


def test_without_a_pool_of_the_site_the_workers_join_one_of_their_own() -> None:
    made = laboratory({"workers": 3, "worker_cpus": 4, "worker_memory_mb": 8192})
    told = charts(made)["condor-worker"].props["values"]
    assert told["CondorConfig"] == {
        "Instances": 3,
        "CollectorHost": "htcondor.htcondor.svc.cluster.local",
        "CollectorPort": 9618,
        "PasswordFileSecret": "htcondor-pool",
        "MemoryLimit": 8192,
        "NumberCPUs": 4,
    }
    assert told["HTTPLogger"] == {"Enabled": False}
    file = told["CondorConfigFile"]
    assert "SEC_PASSWORD_FILE = /etc/condor/condor_password\n" in file
    assert "CCB_ADDRESS = htcondor.htcondor.svc.cluster.local:9618\n" in file
    assert 'SSLNamespace = "htcondor"\n' in file
    service = made.one("Service", "htcondor", "htcondor").spec
    assert service["selector"] == {"release": charts(made)["condor-manager"].name}


def test_the_pools_password_is_in_a_secret_alone() -> None:
    made = laboratory()
    secret = made.one("Secret", "htcondor-pool", "htcondor")
    assert secret.props["stringData"] == {"condor_password": "value-of-htcondor-pool-password"}
    assert not secret.plain("stringData.condor_password")
    for each in charts(made).values():
        assert "value-of-htcondor-pool-password" not in str(each.props)


def test_the_workers_join_the_pool_that_the_site_has() -> None:
    made = joined()
    assert set(charts(made)) == {"condor-worker"}
    told = charts(made)["condor-worker"].props["values"]
    assert told["CondorConfig"]["CollectorHost"] == "pool.example.edu"
    assert told["CondorConfig"]["CollectorPort"] == 9700
    assert told["CondorConfig"]["AuthTokenSecret"] == "htcondor-pool"
    assert "PasswordFileSecret" not in told["CondorConfig"]
    assert "SEC_TOKEN_SYSTEM_DIRECTORY = /root/tokens\n" in told["CondorConfigFile"]
    secret = made.one("Secret", "htcondor-pool", "htcondor")
    assert secret.props["stringData"] == {"condor_token": f"{TOKEN}\n"}
    assert TOKEN not in str(charts(made)["condor-worker"].props)
    assert [each for each in made.of("Service") if each.namespace == "htcondor"] == []


def test_a_pool_that_has_given_no_token_is_told_with_what_to_do() -> None:
    with pytest.raises(SslabError, match=r"pool\.example\.edu, and there is no token") as refusal:
        joined(token=None)
    assert "batch-htcondor-token" in str(refusal.value)


def test_the_manager_asks_for_the_password_and_opens_no_port_of_the_nodes() -> None:
    recorded = laboratory()
    told = job(recorded)  # the same security on both sides
    ask = variables(told.spec["template"]["spec"]["initContainers"][0])
    unused: Any = None
    pool = Pool(
        host=unused,
        port=9618,
        secret=unused,
        key="condor_password",
        folder="/etc/condor",
        is_own=True,
    )
    pod = {"containers": [{"name": "condor-manager", "image": "x"}]}
    given = {"metadata": {}, "spec": {"template": {"spec": pod}}}
    made = component.manager("Deployment", given, HOUSE, pool, "htcondor-pool")
    spec = made["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    (mount,) = container["volumeMounts"]
    assert mount["mountPath"] == variables(container)["_CONDOR_SEC_PASSWORD_FILE"]
    (volume,) = spec["volumes"]
    assert volume["secret"] == {"secretName": "htcondor-pool", "defaultMode": 0o400}
    methods = "_CONDOR_SEC_DEFAULT_AUTHENTICATION_METHODS"
    assert variables(container)[methods] == ask[methods] == "FS, PASSWORD"
    ports = [{"name": "condor-shared", "port": 9618, "nodePort": 30000}]
    service = {"spec": {"type": "NodePort", "ports": ports}}
    made = component.manager("Service", service, HOUSE, pool, "htcondor-pool")["spec"]
    assert made == {"type": "ClusterIP", "ports": [{"name": "condor-shared", "port": 9618}]}


def worker(settings: Settings) -> dict[str, Any]:
    stated = {"requests": {"memory": "2048Mi", "cpu": "1000m"}}
    pod = {"containers": [{"name": "condor-worker-worker", "resources": stated}]}
    given = {"metadata": {}, "spec": {"template": {"spec": pod}}}
    made = component.worker("Deployment", given, HOUSE, settings)["spec"]["template"]["spec"]
    (found,) = made["containers"]
    return dict(found)


def test_a_worker_takes_no_more_than_its_jobs_may() -> None:
    found = worker(Settings(worker_cpus=2, worker_memory_mb=4096))["resources"]
    assert found["requests"] == found["limits"] == {"cpu": "2", "memory": "4096Mi"}


def test_the_contract_says_what_manager_workers_and_job_request() -> None:
    made = job(laboratory())
    pod = made.spec["template"]["spec"]
    largest = max(
        (each["resources"]["requests"] for each in (*pod["containers"], *pod["initContainers"])),
        key=lambda requests: parse_quantity(requests["memory"]),
    )
    manager = {"cpu": "100m", "memory": "512Mi"}
    workers = [worker(Settings())["resources"]["requests"]] * Settings().workers
    for resource in ("cpu", "memory"):
        together = total(each[resource] for each in (manager, largest, *workers))
        assert needed("htcondor", resource) == together


def test_the_job_asks_with_the_workers_image_from_the_sites_mirror() -> None:
    (ask,) = job(laboratory()).spec["template"]["spec"]["initContainers"]
    assert ask["image"] == "hub.opensciencegrid.org/slate/condor-worker:10.0.2"
    assert variables(ask)["EXPECTED"] == "2"
    assert variables(ask)["WORKERS"] == 'PartitionableSlot && SSLNamespace == "htcondor"'
    assert ask["securityContext"]["runAsUser"] == 0
    mirrored = laboratory(registry={"mirror": "registry.example.edu/all"})
    (ask,) = job(mirrored).spec["template"]["spec"]["initContainers"]
    assert ask["image"] == "registry.example.edu/all/slate/condor-worker:10.0.2"


def test_a_site_may_pin_the_image_of_the_workers_and_of_the_job_that_asks_for_them() -> None:
    pinned = f"registry.example.edu/condor-worker@sha256:{64 * '0'}"
    assert worker(Settings(image=pinned))["image"] == pinned
    (ask,) = job(laboratory({"image": pinned})).spec["template"]["spec"]["initContainers"]
    assert ask["image"] == pinned
    with pytest.raises(ValueError, match="image"):
        Settings(image="condor-worker@sha256:short")


def test_the_script_waits_for_the_workers_and_keeps_the_secret_to_itself(tmp_path: Path) -> None:
    for folder in ("pool-secret", "found", "bin"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pool-secret/condor_password").write_text("secret")
    asked = tmp_path / "bin/condor_status"
    asked.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/arguments\n'
        f"times=$(wc -l < {tmp_path}/arguments)\n"
        "for each in $(seq $times); do echo slot1@pod-$each@node 1; done\n"
    )
    pause = tmp_path / "bin/sleep"
    pause.write_text("#!/bin/sh\n")
    for program in (asked, pause):
        program.chmod(0o755)
    script = SCRIPT
    for folder in ("/pool-secret", "/found", "/tmp/pool"):
        script = script.replace(folder, f"{tmp_path}{folder}")
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "FILE": "condor_password"}
    environment |= {"EXPECTED": "3", "WORKERS": "PartitionableSlot && X"}
    subprocess.run(["/bin/sh", "-c", script], env=environment, check=True)
    kept = (tmp_path / "found/workers").read_text().splitlines()
    assert kept == [f"slot1@pod-{each}@node 1" for each in (1, 2, 3)]
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == ["-constraint PartitionableSlot && X -af Name TotalCpus"] * 3
    copy = tmp_path / "tmp/pool/condor_password"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_tenant_may_run_them_where_pods_may_be_root() -> None:
    for level, missing in (("baseline", []), ("restricted", ["privilege.pod_security"])):
        tenant = {"scope": "namespace", "namespaces": ["given"], "pod_security": level}
        offered = {**charted.LARGE, "object_storage": STORAGE, "privilege": tenant}
        verdict = place(CONTRACTS["htcondor"], site(**offered))
        assert [reason.field for reason in verdict.reasons] == missing
