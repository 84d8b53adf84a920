"""What clouds and clusters refuse, said in the words of the site file.

A deployment that fails shows the cloud's own text. Where one of the patterns below is in it, one
more message names the field or the account's limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sslab.site.model import Site


@dataclass(frozen=True)
class Refusal:
    """A pattern, and what it means; `{x}` is a group of the pattern.

    `{site}` is the site's name, `{less}` the field to lower that the limit `quota` is about.
    """

    pattern: str
    meaning: str


GOOGLE = (
    Refusal(
        r"googleapis\.com\S* dial tcp[^\n]*?(?P<said>no such host|timeout|refused|unreachable)",
        "Google Cloud cannot be reached from this machine ({said}): see whether a proxy is needed "
        "(HTTPS_PROXY), or a VPN stands in the way",
    ),
    Refusal(
        r"could not find default credentials|invalid_grant|invalid_rapt|reauth related error"
        r"|invalid authentication credentials|ACCESS_TOKEN_EXPIRED|Invalid Credentials",
        "the credentials for Google Cloud have expired or are not there: run "
        "`gcloud auth application-default login`, or give a new token where "
        "GOOGLE_OAUTH_ACCESS_TOKEN has one",
    ),
    Refusal(
        r"executable gke-gcloud-auth-plugin not found|gke-gcloud-auth-plugin.*no such file",
        "the plugin that logs in to the cluster is not installed; run "
        "`gcloud components install gke-gcloud-auth-plugin`",
    ),
    Refusal(
        r"(?P<api>[a-z]+\.googleapis\.com) .*(?:has not been used|it is disabled)"
        r"|(?:has not been used|SERVICE_DISABLED)(?s:.*?)(?P<api2>[a-z]+\.googleapis\.com)",
        "sites/{site}.yaml: cluster.project: {api} is not enabled there; run "
        "`gcloud services enable {api} --project <project>`",
    ),
    Refusal(
        r"Quota (?:limit )?'(?P<quota>[A-Za-z0-9_-]+)' (?:has been )?exceeded"
        r".*?[Ll]imit: (?P<limit>[0-9.]*[0-9])"
        r"|[Ii]nsufficient (?:regional |zonal )?quota.*?resource \"(?P<quota2>[A-Z0-9_]+)\""
        r".*?quota of '(?P<limit2>[0-9.]+)'",
        "the account's limit {quota} is {limit}: ask Google to raise it, or {less}",
    ),
    Refusal(
        r"QUOTA_EXCEEDED|quotaExceeded|[Ii]nsufficient (?:regional |zonal )?quota",
        "a limit of the account is reached: ask Google to raise it, or lower cluster.node_pools "
        "in sites/{site}.yaml",
    ),
    Refusal(
        r"ZONE_RESOURCE_POOL_EXHAUSTED|GCE_STOCKOUT",
        "the region has no such machines left: choose another `machine` in cluster.node_pools, "
        "or another cluster.region, in sites/{site}.yaml",
    ),
    Refusal(
        r"Required '(?P<right>[a-zA-Z.]+)' permission|Permission '(?P<right2>[a-zA-Z.]+)' denied",
        "the account lacks the permission {right} in the project of sites/{site}.yaml "
        "(cluster.project): ask whoever administers it",
    ),
    Refusal(
        r"requested bucket name is not available|bucket you tried to create already exists",
        "sites/{site}.yaml: object_storage.prefix: a bucket is called like this already, and "
        "names are unique in the world: choose another prefix",
    ),
    Refusal(
        r"[Bb]illing account .* (?:disabled|not found)|BILLING_DISABLED|billing to be enabled",
        "sites/{site}.yaml: cluster.project: nobody pays for it: ask for a billing account",
    ),
)

OPENSTACK = (
    Refusal(
        r"Error creating OpenStack .*?client: .*?(?P<said>dial tcp[^\n]*?(?=:? ?provider=|\n|$))",
        "sites/{site}.yaml: cluster.cloud: the auth_url of that entry of clouds.yaml does not "
        "answer ({said}): see that the address is right, and whether a VPN or a tunnel leads there",
    ),
    Refusal(
        r"request you have made requires authentication|Authentication failed"
        r"|got 401 instead|(?i:could not find application credential)",
        "the credentials of the entry of clouds.yaml that sites/{site}.yaml names (cluster.cloud) "
        "are wrong or have expired: download new ones from the cloud's dashboard",
    ),
    Refusal(
        r"Quota exceeded for (?P<quota>[a-z_, ]+): Requested (?P<asked>[0-9, ]+), "
        r"but already used (?P<used>[0-9, ]+) of (?P<limit>[0-9]+(?:, [0-9]+)*)",
        "the project's limit of {quota} is {limit}, and {used} are in use: ask the cloud to raise "
        "it, or {less}",
    ),
    Refusal(
        r"Quota exceeded for resources: \[?'?(?P<quota>[a-z_]+)"
        r"|Requested share exceeds allowed .*?(?P<quota2>gigabytes) quota"
        r"|Maximum number of (?P<quota3>shares) allowed"
        r"|reached the maximum (?P<quota4>clusters) per project"
        r"|[Qq]uota (?:has been met for resources: |exceeded, too many )(?P<quota5>[a-z_ ]*[a-z])",
        "the project's limit of {quota} is reached: ask the cloud to raise it, or {less}",
    ),
    Refusal(
        r"(?:Unable to find|No suitable|could not find) flavor (?:with name )?(?P<name>[\w.-]+)"
        r"|flavor(?: with name)? (?P<name2>[\w.-]+) (?:could not be|not) found",
        "sites/{site}.yaml: cluster.control_plane or cluster.node_pools: the cloud has no flavor "
        "{name}; `openstack flavor list` shows those that it has",
    ),
    Refusal(
        r"(?:Unable to find|No suitable|could not find) image (?:with name )?(?P<name>[\w.-]+)",
        "sites/{site}.yaml: cluster.image: the cloud has no image {name}; `openstack image list` "
        "shows those that it has",
    ),
    Refusal(
        r"getNetwork(?s:.*?)returned no results|No [Nn]etwork found"
        r"|ExternalGatewayForFloatingIPNotFound",
        "sites/{site}.yaml: cluster.external_network: the cloud has no such network for floating "
        "addresses; `openstack network list --external` shows those that it has",
    ),
    Refusal(
        r"getClusterTemplate.*(?:404|no results|not found)|ClusterTemplate .* could not be found",
        "sites/{site}.yaml: cluster.template: Magnum has no such template; "
        "`openstack coe cluster template list` shows those that it has",
    ),
    Refusal(
        r"No suitable endpoint could be found in the service catalog",
        "the cloud of sites/{site}.yaml lacks a service that is wanted; `openstack catalog list` "
        "shows what it has: without container-infra choose cluster.method k3s, without "
        "load-balancer the kind node-ports, without shared file systems delete cluster.share",
    ),
    Refusal(
        r"No more IP addresses available on network|IpAddressGenerationFailure",
        "sites/{site}.yaml: cluster.external_network: it has no free address: ask the cloud, or "
        "release floating addresses that are not used",
    ),
    Refusal(
        r"No valid host was found",
        "no machine of the cloud has room for an instance: choose smaller flavors or fewer nodes "
        "in cluster.node_pools of sites/{site}.yaml, or ask the cloud",
    ),
    Refusal(
        r"application credential.*(?:restricted|Forbidden)|create_(?:ec2|application)_credential",
        "the entry of clouds.yaml is a restricted application credential, which may make no "
        "further credentials: make an unrestricted one (cluster.auth_url and a Swift object "
        "storage need it)",
    ),
)

KUBERNETES = (
    Refusal(
        r'no matches for kind "(?P<kind>ServiceMonitor|PrometheusRule)"',
        "sites/{site}.yaml: monitoring.mode: `reuse` makes objects of the Prometheus Operator, and "
        "the cluster does not know its kind {kind}: choose `own` or `off` where no such operator "
        "runs",
    ),
    Refusal(
        r"apply conflict: .*conflicts? with \"(?P<manager>[^\"]+)\"",
        "somebody else ({manager}) has changed a field that the laboratory sets: `sslab drift "
        "{site}` shows which, and `sslab up {site} --heal` takes it back",
    ),
    Refusal(
        r"configured Kubernetes cluster is unreachable",
        "sites/{site}.yaml: cluster: its API server does not answer, or does not take the "
        "credentials of its kubeconfig: `kubectl version` shows which. Where the cluster is gone "
        "for good, PULUMI_K8S_DELETE_UNREACHABLE=true lets Pulumi forget what was in it",
    ),
    Refusal(
        r"cannot (?P<verb>[a-z]+) resource \"(?P<kind>[a-z./]+)\" in API group",
        "the account of the kubeconfig may not {verb} {kind}: ask the staff of the site for the "
        "right, or give less to privilege in sites/{site}.yaml; docs/tenant-role.yaml has what a "
        "namespace of the site's takes",
    ),
    Refusal(
        r"exceeded quota: (?P<name>[\w.-]+), requested: (?P<asked>[^;]+?), used: (?P<used>\S+), "
        r"limited: (?P<limit>[a-z]\S*[0-9a-zA-Z])",
        "sites/{site}.yaml: quota: the namespace's own, {name}, is {limit}, and {used} is in use: "
        "ask the staff of the site to raise it, or take a pattern away",
    ),
)

LOWERED = (
    (r"(?i)share|storage|gigabytes", "lower {own} in sites/{site}.yaml"),
    (
        r"(?i)cpu|cores|ram|gpu|instance|disk|ssd|node",
        "lower cluster.node_pools in sites/{site}.yaml",
    ),
)
"""By what is in the name of a limit: what of a site file takes from it."""


def _less(site: Site, quota: str) -> str:
    """Return what to lower below a limit of the account."""
    fields = {"gke": "cluster.filestore", "openstack": "cluster.share"}
    for pattern, what in LOWERED:
        if re.search(pattern, quota):
            own = fields.get(site.cluster.kind, "storage.capacity")
            return what.format_map({"own": own, "site": site.name})
    return "delete what is not needed"


def explained(site: Site, errors: Iterable[str]) -> str | None:
    """Return what the first refusal that is recognised means for a site; None: none is."""
    for error in errors:
        for refusal in (*GOOGLE, *OPENSTACK, *KUBERNETES):
            found = re.search(refusal.pattern, error)
            if found is None:
                continue
            # groups called `x2`, `x3` are the same as `x`, in other branches of the pattern
            groups = {
                key.rstrip("2345"): value for key, value in found.groupdict("").items() if value
            }
            words = {"less": _less(site, groups.get("quota", "")), "site": site.name}
            return refusal.meaning.format_map({**groups, **words})
    return None


PROTECTED = re.compile(
    r'resource "(?P<urn>urn:pulumi:[^"]+)"\s+(?:cannot be deleted\s+because it is protected'
    r"|(?:as part of replacing .*?\s+)?as it is currently marked for protection)"
)
"""What Pulumi says of a resource that is protected; sslab/safety says which ones are."""


def protected(errors: Iterable[str]) -> Iterator[str]:
    """Yield the URNs of protected resources at which a deployment stopped."""
    for error in errors:
        yield from (found["urn"] for found in PROTECTED.finditer(error))


def errors_in(log: Path) -> Iterator[str]:
    """Yield the errors of a deployment, from the log of events that Pulumi writes."""
    if not log.exists():
        return
    for line in log.read_text(errors="replace").splitlines():
        try:
            said = json.loads(line).get("diagnosticEvent")
        except ValueError:
            continue  # the last line of an engine that was killed
        if said and said.get("severity") == "error":
            yield str(said.get("message", ""))
