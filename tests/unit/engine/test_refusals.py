from __future__ import annotations

import json
from pathlib import Path

import pytest

from sslab.engine.refusals import GOOGLE, KUBERNETES, OPENSTACK, errors_in, explained
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]
SITE = load_site(ROOT / "sites/local.yaml")

SAID = [
    # as the providers and the clouds' services write them
    (
        "google: could not find default credentials. See https://cloud.google.com/docs",
        "gcloud auth",
    ),
    ('oauth2: "invalid_grant" "reauth related error (invalid_rapt)"', "have expired"),
    ("exec: executable gke-gcloud-auth-plugin not found", "gcloud components install"),
    (
        "googleapi: Error 403: Kubernetes Engine API has not been used in project 1234 before or "
        "it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/"
        "container.googleapis.com/overview?project=1234",
        "cluster.project: container.googleapis.com is not enabled",
    ),
    (
        "Error waiting for creating GKE NodePool: Quota 'CPUS' exceeded.  Limit: 24.0 in region "
        "us-central1.",
        "limit CPUS is 24.0",
    ),
    (
        "googleapi: Error 403: Insufficient regional quota to satisfy request",
        "limit of the account",
    ),
    ("ZONE_RESOURCE_POOL_EXHAUSTED", "another cluster.region"),
    (
        "googleapi: Error 403: Required 'compute.networks.create' permission for 'projects/x'",
        "lacks the permission compute.networks.create",
    ),
    (
        "googleapi: Error 409: The requested bucket name is not available. The bucket namespace",
        "object_storage.prefix",
    ),
    ("Error 403: This API method requires billing to be enabled", "nobody pays"),
    (
        'Expected HTTP response code [201] but got 401 instead: {"error":{"code":401,"message":'
        '"The request you have made requires authentication."',
        "clouds.yaml",
    ),
    (
        '{"forbidden": {"code": 403, "message": "Quota exceeded for cores, ram: Requested 8, 16384,'
        ' but already used 16, 32768 of 20, 51200 cores, ram"}}',
        "limit of cores, ram is 20, 51200",
    ),
    (
        "Quota exceeded for resources: ['floatingip'].",
        "the project's limit of floatingip is reached",
    ),
    ("Unable to find flavor with name m1.huge", "no flavor m1.huge"),
    ("Unable to find image with name ubuntu-24.04", "no image ubuntu-24.04"),
    (
        "invoking openstack:networking/getNetwork:getNetwork: Your query returned no results",
        "cluster.external_network",
    ),
    ("ClusterTemplate kubernetes could not be found", "cluster.template"),
    ("No suitable endpoint could be found in the service catalog.", "cluster.method k3s"),
    ("No more IP addresses available on network 1234", "no free address"),
    ("No valid host was found. There are not enough hosts available.", "no machine of the cloud"),
    (
        "You are not authorized to perform the requested action: identity:create_ec2_credential",
        "unrestricted",
    ),
    (
        "You are not authorized: identity:create_application_credential",
        "unrestricted",
    ),
    (
        "creation of resource failed because the Kubernetes API server reported that the "
        'apiVersion for this resource does not exist: no matches for kind "ServiceMonitor" in '
        'version "monitoring.coreos.com/v1"',
        "monitoring.mode: `reuse` makes",
    ),
]


@pytest.mark.parametrize(("said", "meaning"), SAID)
def test_what_a_cloud_says_becomes_a_field_or_a_limit(said: str, meaning: str) -> None:
    told = explained(SITE, ["something else", f"creating urn:pulumi:x: {said}"])
    assert told is not None
    assert meaning in told
    assert "{" not in told


def test_every_refusal_has_an_example() -> None:
    import re

    used = {
        refusal.pattern
        for said, _ in SAID
        for refusal in (*GOOGLE, *OPENSTACK, *KUBERNETES)
        if re.search(refusal.pattern, said)
    }
    assert used == {refusal.pattern for refusal in (*GOOGLE, *OPENSTACK, *KUBERNETES)}


def test_anything_else_stays_as_it_is() -> None:
    assert explained(SITE, ["update failed", "exit status 1"]) is None


def test_errors_are_read_from_the_log_of_events(tmp_path: Path) -> None:
    log = tmp_path / "events"
    assert list(errors_in(log)) == []
    events = [
        {"diagnosticEvent": {"severity": "warning", "message": "beware"}},
        {"resourcePreEvent": {}},
        {"diagnosticEvent": {"severity": "error", "message": "refused"}},
    ]
    log.write_text("\n".join(map(json.dumps, events)) + '\n{"diagnosticEv')
    assert list(errors_in(log)) == ["refused"]
