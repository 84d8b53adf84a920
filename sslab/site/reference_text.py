"""The reference page's own words: what the schema does not say by itself."""

from __future__ import annotations

INTRODUCTION = """\
# The site file

One YAML file under `sites/` describes one site, and nothing else does: `sites/chicago.yaml` is the
site `chicago`. Below is every field. A field that is not listed here is refused, so that a slip of
the pen does not pass for a setting. [site-file-sample.yaml](site-file-sample.yaml) is one file with
every field in it, [add-a-site.md](add-a-site.md) says how a new one is made.

A site is `active`: the laboratory is deployed to it; or `planned`: it is checked and shown, and may
leave open what nobody knows yet. The smallest file of an active site:
"""

PROVENANCE = """\
## How to read the tables

- *required*: the file is refused without it. Where a part as a whole is optional, its required
  fields are so only if the part is there.
- Null, or leaving the field out, says that something is **not known**. A guess looks the same as a
  fact to whoever reads it next, so nobody should write one. `kind: none` says that the site has
  none, which is something else.
- A **quantity** is a number as Kubernetes writes it. CPU is in cores: `4`, or `500m` for half of
  one. Memory and storage are in bytes, with a unit: `6Gi` (1024 to the power of three) or `6G`.
- A **DNS label** has up to 63 lower-case letters, digits and hyphens; a **DNS name** is one or more
  of them joined by dots.

Most parts may say **where their values come from**, so that the next reader knows how much they can
bear:
"""

RULES = """\
## What is checked beyond the single field

Each file by itself:

- `name` is the name of the file. Nothing is listed twice in a list, and no two node pools have one
  name.
- An active site has `quota`, `storage`, `ingress` and `load_balancing`, and an existing cluster a
  `cluster.context`. A site of kind `hpc` has no cluster to deploy to, so it is planned.
- On OpenStack the method `magnum` has a `template`, and `k3s` an `image`. A node pool has no more
  nodes at least than at most. On Google Cloud the networks of pods, Services and nodes are apart.
- With `privilege.scope: namespace` an active site lists its `namespaces`; `crds`, `privileged` and
  `host_path` are off; and the ingress is one that the site runs (`class` or `gateway`). With the
  scope `cluster` there are no `namespaces`: the laboratory makes its own.
- ReadWriteMany comes from `storage.rwx_class` or from `storage.rwx_server`, not from both.
  SeaweedFS has `storage` to keep its objects in.
- The laboratory's own Traefik has a `load_balancing` that leads to it. Octavia is for clusters on
  OpenStack. MetalLB's pool is inside `cni.node_network` where that is known, its parts do not
  overlap, and its `address` is one of them.
- CVMFS of kind `csi` has `privilege.scope: cluster`, `privileged` and `host_path`, and Pod Security
  that is not limited; of kind `host` the scope `cluster` and `host_path`.
- `cvmfs.proxies` names no proxy of another institution: the defaults of CVMFS' packages are such.
- `network.egress_hosts` is there only where `egress` is `listed`.
- Each of the `exemptions` names a policy that there is, and none that nobody can be exempted from.
- Each line of `data_loss` names its object in full: with its namespace, where the kind has one.
- Whoever writes `confidence: verified` or `public` names the `source`.
- Nothing looks like a password, a token or a private key: those are kept in the stack's encrypted
  configuration and never in this file.

The patterns that the site asks for:

- Every name under `patterns` is a pattern of this repository, and its settings are right.
- A pattern that needs object storage has the bucket of its name in `object_storage.buckets`.
- The site offers what each pattern needs: a cluster, quota, accelerators, ingress, object storage,
  volumes with their access mode, CVMFS repositories, a login, NetworkPolicies, hosts that it
  reaches outside, and powers. The message names the field that would have to change;
  `sslab catalog` shows the same for all patterns and sites.
- What all patterns and layers request together is within `quota`, and what the patterns and
  SeaweedFS claim is within `storage.capacity`.

All files with each other:

- No two sites have the same `name` or `ingress.domain`.
- No two embedded clusters have the same `ingress.port`, and no two sites on one kubeconfig context
  the same node port.
- No two sites have the same address of a load balancer. Private addresses may occur twice, since
  two campuses may both use them, unless the sites are on one context.

## How YAML is read

The file is UTF-8, holds one YAML 1.2 document, and is at most 256 KiB. Words such as `yes` and `on`
are text; the truth values are `true` and `false`. A number has no quotes and no leading zero.
Anchors, aliases, merge keys and tags are refused: whoever reviews the file sees every value where
it counts.

Each problem is one line, and all problems of all files are told in one run:

    sites/nyu.yaml:14:11: ingress.domain: "nyu_2.edu" is not a DNS name; did you mean "nyu-2.edu"?

An editor that knows `yaml-language-server` (VS Code with the YAML extension, among others) checks
and completes fields while they are typed; the first line of each file names `schema/site.json`.
"""
