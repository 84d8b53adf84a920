"""The first file of a site of each kind: valid at once, with what is usual and nothing more.

The explanation above each section is the schema's own.
"""

from __future__ import annotations

from string import Template
from typing import Literal

from sslab.site.model import Site
from sslab.site.newcomer import SCHEMA_LINE, Newcomer, text_in_yaml
from sslab.site.sample import commented
from sslab.site.schema import schema_of

Kind = Literal["existing", "gke", "openstack", "hpc", "local"]

_HEADER = """\
#
# Values marked "check" are first guesses of `sslab site add`: look them up before the first
# deployment. What you do not know, leave null or out. Not shown here is what has a default;
# docs/site-file.md lists every field, docs/site-file-sample.yaml shows them all.
"""
_CONTACTS = """\
contacts:
  - {role: operations, address: null}  # a team's address, never a person's
"""
_CLUSTERS: dict[Kind, str] = {
    "existing": """\
cluster:
  kind: existing
  context: $context  # check: `kubectl config get-contexts` lists yours
""",
    "gke": """\
cluster:
  kind: gke
  project: null  # the Google Cloud project that pays
  region: us-central1  # check
  node_pools:  # check: this is what costs money
    - {name: workers, machine: e2-standard-8, least: 1, most: 3}
""",
    "openstack": """\
cluster:
  kind: openstack
  cloud: $context  # the name of the entry in your clouds.yaml
  method: k3s  # or magnum, where the cloud offers it, with its template
  image: ubuntu-24.04  # check: `openstack image list`
  control_plane: m1.medium  # check: `openstack flavor list`
  node_pools:
    - {name: workers, machine: m1.xlarge, least: 1, most: 3}
""",
    "hpc": """\
cluster:
  kind: hpc
""",
    "local": """\
cluster:
  kind: local
""",
}
_QUOTA = """\
quota:  # check: what the cluster can spare
  cpu: 4
  memory: 8Gi
  pods: 50
"""
_STORAGE = """\
storage:
  rwo_class: null  # the cluster's default class; `kubectl get storageclass` lists all
  capacity: 50Gi  # check
"""
_INGRESS = """\
ingress:
  kind: traefik  # or `class` with the class_name of the ingress that the cluster has already
  class_name: ssl
  domain: $domain  # check: *.$domain has to point to $place
"""
_LOCAL_INGRESS = """\
ingress:
  kind: traefik
  domain: $domain  # names under .localhost need no DNS entry
  port: $loopback  # on this machine's loopback
"""
_NODE_PORTS = """\
load_balancing:
  kind: node-ports
  http: $http
"""
_OBJECTS = """\
object_storage:
  kind: seaweedfs
  capacity: 20Gi  # a part of storage.capacity
  buckets: [fitting-service, z-peak]
"""
_GOOGLES_OBJECTS = """\
object_storage:
  kind: gcs
  prefix: $prefix  # bucket names are unique in the world
  buckets: [fitting-service, z-peak]
"""
_PATTERNS = """\
# These two prove that a site works; `sslab catalog` shows what else could run here.
patterns:
  fitting-service: {}
  z-peak: {}
"""


def beginning(kind: Kind, newcomer: Newcomer) -> str:
    """Return the text of a new site's file."""
    values = {
        "context": text_in_yaml(newcomer.context or ""),
        "domain": newcomer.domain,
        "place": "the load balancer" if kind == "gke" else "a node",
        "http": newcomer.http,
        "loopback": newcomer.loopback_port,
        "prefix": newcomer.prefix,
    }
    return _head(newcomer) + "".join(
        f"\n{_explanation(name)}\n{Template(text).substitute(values)}"
        for name, text in _sections(kind, newcomer).items()
    )


def _sections(kind: Kind, newcomer: Newcomer) -> dict[str, str]:
    """Return the sections after the title, by the names of their fields."""
    if kind == "hpc":
        return {
            "status": "status: planned  # there is no cluster to deploy to\n",
            "contacts": _CONTACTS,
            "cluster": _CLUSTERS[kind],
            "batch": "batch:\n  - {kind: slurm, endpoint: null}  # check\n",
        }
    sections = {
        "status": "status: active\n",
        "contacts": _CONTACTS,
        "cluster": _CLUSTERS[kind],
        "quota": _QUOTA,
        "storage": _STORAGE,
        "ingress": _INGRESS,
        "load_balancing": _NODE_PORTS,
        "object_storage": _OBJECTS,
        "patterns": _PATTERNS,
    }
    if kind in ("existing", "openstack"):
        sections["ingress"] += "  port: $http  # the node port below\n"
    elif kind == "gke":
        sections["load_balancing"] = "load_balancing:\n  kind: cloud\n"
        sections["object_storage"] = _GOOGLES_OBJECTS
    else:
        if newcomer.context is not None:
            sections["cluster"] += "  context: $context  # in place of the embedded cluster\n"
        sections["storage"] = "storage:\n  rwx_class: local-path\n  capacity: 50Gi\n"
        sections["ingress"] = _LOCAL_INGRESS
    return sections


def _head(newcomer: Newcomer) -> str:
    title = text_in_yaml(newcomer.title)
    described = commented(newcomer.title)[0] if newcomer.title.strip() else "#"
    return f"{SCHEMA_LINE}\n{described}\n{_HEADER}name: {newcomer.name}\ntitle: {title}\n"


def _explanation(section: str) -> str:
    schema = schema_of(Site)
    return "\n".join(commented(schema.resolve(schema.root["properties"][section])["description"]))
