from __future__ import annotations

import socket
from typing import Any

import pytest

from components.workloads import HouseRules
from patterns.htcondor_ce import smoke_test
from patterns.htcondor_ce.component import amended
from patterns.htcondor_ce.settings import Settings
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.errors import SslabError
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, needed
from tests.components.recording import Recording, site

SLURM = {"kind": "slurm", "endpoint": "login.example.edu"}
BALANCER = {"kind": "metallb", "pool": ["192.0.2.10-192.0.2.20"]}
TOPOLOGY = {
    "resource": "SLATE_US_EXAMPLE_CLUSTER",
    "group": "EXAMPLE",
    "contact": "Operations",
    "address": "operations@example.edu",
    "city": "Chicago",
    "country": "US",
    "latitude": 41.8,
    "longitude": -87,
}


def laboratory(
    settings: dict[str, Any] | None = None, batch: list[dict[str, Any]] | None = None, **has: Any
) -> Recording:
    systems = [SLURM] if batch is None else batch
    return charted.laboratory("htcondor-ce", settings, batch=systems, **has)


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory()).props
    assert (made["chart"], made["version"]) == ("osg-hosted-ce", "4.5.3")
    assert made["repositoryOpts"] == {"repo": "https://slateci.io/slate-catalog-stable"}


def test_at_first_it_is_of_the_test_bed_and_takes_nobodys_jobs() -> None:
    told = charted.values(laboratory())
    assert told["Topology"] == {"Production": False}
    assert list(told["SciTokenRemoteUserMapping"]) == []
    assert told["HTTPLogger"] == {"Enabled": False}
    assert told["Networking"] == {
        "ServiceType": "LoadBalancer",
        "Hostname": "htcondor-ce.ssl.example.edu",
    }


def test_jobs_go_to_the_sites_batch_system() -> None:
    told = charted.values(laboratory({"node_cpus": 8, "node_memory_mb": 16000, "minutes": 60}))
    assert told["RemoteCluster"] == {
        "LoginHost": "login.example.edu",
        "PrivateKeySecret": "htcondor-ce-ssh",
        "Batch": "slurm",
        "MemoryPerNode": 16000,
        "CoresPerNode": 8,
        "MaxWallTime": 60,
    }
    ce = {"kind": "htcondor-ce", "endpoint": "ce.example.edu"}
    pool = {"kind": "htcondor", "endpoint": "pool.example.edu"}
    chosen = {"login_host": "login2.example.edu", "known_hosts": ["a ssh-rsa A", "b ssh-rsa B"]}
    told = charted.values(laboratory(chosen, [ce, pool]))["RemoteCluster"]
    assert (told["LoginHost"], told["Batch"]) == ("login2.example.edu", "condor")
    assert told["KnownHosts"] == "a ssh-rsa A\nb ssh-rsa B\n"


def test_a_site_says_what_it_is_and_whose_jobs_it_takes() -> None:
    issuer = "https://atlas-auth.example.org/"
    accepts = [
        {"issuer": issuer, "subject": "pilot@example.edu", "user": "osg09"},
        {"issuer": "https://scitokens.org/osg-connect", "user": "osg01"},
    ]
    chosen = {"host": "ce.example.edu", "address": "192.0.2.20", "topology": TOPOLOGY}
    told = charted.values(laboratory({**chosen, "accepts": accepts}))
    assert list(told["SciTokenRemoteUserMapping"]) == [
        {f"{issuer},pilot@example.edu": "osg09"},
        {"https://scitokens.org/osg-connect": "osg01"},
    ]
    assert told["Networking"]["Hostname"] == "ce.example.edu"
    assert told["Networking"]["RequestIP"] == "192.0.2.20"
    assert told["Topology"] == {
        "Production": True,
        "Resource": "SLATE_US_EXAMPLE_CLUSTER",
        "ResourceGroup": "EXAMPLE",
        "Contact": "Operations",
        "ContactEmail": "operations@example.edu",
        "City": "Chicago",
        "Country": "US",
        "Latitude": 41.8,
        "Longitude": -87.0,
    }


def test_the_key_is_in_a_secret_alone() -> None:
    made = laboratory()
    secret = made.one("Secret", "htcondor-ce-ssh", "htcondor-ce")
    assert secret.props["stringData"] == {"bosco.key": "value-of-htcondor-ce-ssh-key\n"}
    assert not secret.plain("stringData")
    assert "value-of-htcondor-ce-ssh-key" not in str(charted.values(made))


def test_what_it_cannot_do_is_told_with_the_field() -> None:
    with pytest.raises(SslabError, match=r"^batch: htcondor-ce hands jobs to HTCondor or Slurm"):
        laboratory(batch=[{"kind": "htcondor-ce", "endpoint": "ce.example.edu"}])
    with pytest.raises(SslabError, match=r"^patterns\.htcondor-ce\.host: nothing says"):
        laboratory(ingress=None)
    assert charted.values(laboratory({"host": "ce.example.edu"}, ingress=None))


def test_the_contract_says_what_it_requests() -> None:
    pod = {"containers": [{"name": "osg-hosted-ce", "image": "x"}]}
    given = {"metadata": {}, "spec": {"template": {"spec": pod}}}
    made = amended("Deployment", given, HouseRules(limits_over_requests_percent=20))
    found = made["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert found["limits"] == {"cpu": "600m", "memory": "1Gi"}
    for resource in ("cpu", "memory"):
        assert needed("htcondor-ce", resource) == parse_quantity(found["requests"][resource])
    assert amended("ConfigMap", {"data": {}}, HouseRules()) == {"data": {}}


@pytest.mark.parametrize(
    ("has", "missing"),
    [
        ({}, []),
        ({"batch": []}, ["batch"]),
        ({"load_balancing": {"kind": "node-ports"}}, ["load_balancing"]),
        ({"load_balancing": {"kind": "none"}}, ["load_balancing"]),
        ({"load_balancing": None}, ["load_balancing"]),
        (
            {"privilege": {"scope": "namespace", "namespaces": ["a"], "pod_security": "baseline"}},
            [],
        ),
        (
            {
                "privilege": {
                    "scope": "namespace",
                    "namespaces": ["a"],
                    "pod_security": "restricted",
                }
            },
            ["privilege.pod_security"],
        ),
    ],
)
def test_it_needs_a_batch_system_and_an_address(has: dict[str, Any], missing: list[str]) -> None:
    sound = {**charted.LARGE, "batch": [SLURM], "load_balancing": BALANCER}
    verdict = place(CONTRACTS["htcondor-ce"], site(**{**sound, **has}))
    assert [reason.field for reason in verdict.reasons] == missing


def test_an_account_is_no_setting_of_htcondor() -> None:
    with pytest.raises(ValueError, match="user"):
        Settings.model_validate({"accepts": [{"issuer": "https://a.example.edu", "user": "a b"}]})


def test_the_check_connects_or_says_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        smoke_test.connect("127.0.0.1", server.getsockname()[1])
        closed = server.getsockname()[1]
    monkeypatch.setattr(smoke_test, "PATIENCE_S", 0.0)
    with pytest.raises(CheckError, match="takes no connection") as refusal:
        smoke_test.connect("127.0.0.1", closed)
    assert "kubectl get service -n htcondor-ce" in str(refusal.value)


def test_the_check_looks_where_the_grid_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(smoke_test, "connect", lambda host, port: asked.append((host, port)))
    for settings in ({}, {"host": "ce.example.edu"}):
        the_site = site(**{**charted.LARGE, "patterns": {"htcondor-ce": settings}})
        (found,) = smoke_test.run(SiteAccess(the_site, {}))
        assert (found.check, found.value) == ("takes connections", 1.0)
    assert asked == [("htcondor-ce.ssl.example.edu", 9619), ("ce.example.edu", 9619)]
