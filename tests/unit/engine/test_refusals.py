from __future__ import annotations

import json
from pathlib import Path

import pytest

from sslab.engine.refusals import (
    GOOGLE,
    KUBERNETES,
    OPENSTACK,
    errors_in,
    explained,
    protected,
)
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]
SITES = {
    "google": load_site(ROOT / "sites/gke.yaml", ROOT),
    "openstack": load_site(ROOT / "sites/illinois.yaml", ROOT),
}
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
    (
        "googleapi: Error 403: Insufficient regional quota to satisfy request: resource "
        "\"IN_USE_ADDRESSES\": request requires '4.0' and is short '2.0'. project has a quota of "
        "'8.0' with '2.0' available.",
        "limit IN_USE_ADDRESSES is 8.0: ask Google to raise it, or delete what is not needed",
    ),
    (
        "googleapi: Error 429: Quota limit 'StandardStorageGbPerRegion' has been exceeded. Limit: "
        "2048 in region us-central1.",
        "limit StandardStorageGbPerRegion is 2048: ask Google to raise it, or lower cluster.file",
    ),
    ("googleapi: Error 401: Invalid Credentials, authError", "have expired"),
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
        'Error creating OpenStack networking client: Post "http://127.0.0.1:1/v3/auth/tokens": '
        "OpenStack connection error, retries exhausted. Aborting. Last error was: dial tcp "
        "127.0.0.1:1: connect: connection refused: provider=openstack@5.5.3",
        "does not answer (dial tcp 127.0.0.1:1: connect: connection refused): see that the address",
    ),
    (
        'Error creating Network: Post "https://compute.googleapis.com/compute/v1/projects/x/global/'
        'networks?alt=json": dial tcp: lookup compute.googleapis.com: no such host',
        "cannot be reached from this machine (no such host)",
    ),
    (
        "Error creating OpenStack networking client: Expected HTTP response code [201 202] when "
        'accessing [POST http://10.89.1.2:5000/v3/auth/tokens], but got 404 instead: {"error":'
        '{"code":404,"message":"Could not find Application Credential: 22f6."}}',
        "wrong or have expired",
    ),
    (
        'Expected HTTP response code [201] but got 401 instead: {"error":{"code":401,"message":'
        '"The request you have made requires authentication."',
        "clouds.yaml",
    ),
    (
        '{"forbidden": {"code": 403, "message": "Quota exceeded for cores, ram: Requested 8, 16384,'
        ' but already used 16, 32768 of 20, 51200 cores, ram"}}',
        "limit of cores, ram is 20, 51200, and 16, 32768 are in use: ask the cloud to raise it, or "
        "lower cluster.node_pools",
    ),
    (
        "Quota exceeded for resources: ['floatingip'].",
        "the project's limit of floatingip is reached: ask the cloud to raise it, or delete what",
    ),
    (
        "Requested share exceeds allowed project/user or share type gigabytes quota.",
        "limit of gigabytes is reached: ask the cloud to raise it, or lower cluster.share in",
    ),
    ("Maximum number of shares allowed (50) either per project", "limit of shares is reached"),
    (
        "You have reached the maximum clusters per project, 20. You may delete a cluster to make "
        "room for a new one.",
        "limit of clusters is reached",
    ),
    ("Quota exceeded, too many key pairs.", "limit of key pairs is reached"),
    ("Quota has been met for resources: load_balancer", "limit of load_balancer is reached"),
    ("Unable to find flavor with name m1.huge", "no flavor m1.huge"),
    ("Unable to find image with name ubuntu-24.04", "no image ubuntu-24.04"),
    (
        "invoking openstack:networking/getNetwork:getNetwork: 1 error occurred:\n\t* Your query "
        "returned no results. Please change your search criteria and try again.",
        "cluster.external_network",
    ),
    (
        "  sdk-v2/provider2.go:571: sdk.helper_schema: No network found with name: outside: "
        "provider=openstack@5.5.3",
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
        "configured Kubernetes cluster is unreachable: unable to load schema information from the "
        'API server: Get "https://192.0.2.1:6443/openapi/v2": connection refused',
        "cluster: its API server does not answer",
    ),
    (
        'ingresses.networking.k8s.io is forbidden: User "system:serviceaccount:ssl:laboratory" '
        'cannot create resource "ingresses" in API group "networking.k8s.io" in namespace "ssl"',
        "may not create ingresses: ask the staff",
    ),
    (
        'pods "z-peak-x" is forbidden: exceeded quota: tenant, requested: requests.cpu=1, used: '
        "requests.cpu=1500m, limited: requests.cpu=2",
        "quota: the namespace's own, tenant, is requests.cpu=2, and requests.cpu=1500m is in use",
    ),
    (
        'The resource managed by field manager "pulumi-kubernetes-1a" had an apply conflict: Apply '
        'failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
        "somebody else (kubectl-edit) has changed a field",
    ),
    (
        'had an apply conflict: Apply failed with 2 conflicts: conflicts with "helm":\n- .spec.x',
        "--heal` takes it back",
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
    site = SITES["google"] if "oogle" in said else SITES["openstack"]
    told = explained(site, ["something else", f"creating urn:pulumi:x: {said}"])
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


URN = (
    "urn:pulumi:nyu::ssl::ssl:components:Laboratory$kubernetes:core/v1:PersistentVolumeClaim::data"
)
UNPROTECT = "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi "


@pytest.mark.parametrize(
    "said",
    [
        # as the engine writes them: of a deletion, of a replacement, and of one that follows
        f'resource "{URN}" cannot be deleted\nbecause it is protected. To unprotect the resource,',
        f'unable to replace resource "{URN}"\nas it is currently marked for protection. '
        f"{UNPROTECT}",
        f'unable to replace resource "{URN}" as part of replacing "urn:pulumi:x::y" as it is '
        f"currently marked for protection. {UNPROTECT}",
    ],
)
def test_what_is_protected_is_read_from_pulumis_message(said: str) -> None:
    assert list(protected(["update failed", said])) == [URN]
