"""The repository's own sites with a slip that is typical of each: exactly one line tells of it."""

from pathlib import Path

import pytest

from sslab.site.document import place_of
from sslab.site.loading import validate
from tests.unit.site.wrong_files import REPOSITORY

SITES = {path.stem: path for path in sorted(REPOSITORY.glob("sites/*.yaml"))}
HERE = "§"
"""Marks where the one message has to point; it is taken out before the file is written."""

BROKEN: dict[str, tuple[list[tuple[str, str]], str]] = {
    "bnl": (
        [("endpoint: null", "endpoint: §cvmfs.sdcc.bnl.gov:8000")],
        'batch[0].endpoint: "cvmfs.sdcc.bnl.gov:8000" is not a DNS name; write lower-case letters, '
        "digits and hyphens, in parts joined by dots",
    ),
    "cern": (
        [("kind: existing", "kind: §magnum")],
        'cluster.kind: "magnum" is not one of existing, gke, hpc, local, openstack; write one of '
        "them",
    ),
    "chicago": (
        [("rwo_class: rook-ceph-block", "rwo_class: §rook_ceph_block")],
        'storage.rwo_class: "rook_ceph_block" is not a DNS name; did you mean "rook-ceph-block"?',
    ),
    "fermilab": (
        [("distribution: okd", "distribution: §OKD")],
        'cluster.distribution: "OKD" is not one of kubernetes, k3s, openshift, okd; did you mean '
        '"okd"?',
    ),
    "gke": (
        [("service_network: 10.12.0.0/20", "service_network: §10.11.0.0/20")],
        "cluster.service_network: 10.11.0.0/20 overlaps cluster.pod_network (10.8.0.0/14); give "
        "each network addresses of its own",
    ),
    "illinois": (
        [("\ncluster:", "\n§cluster:"), ("method: k3s", "method: magnum")],
        "cluster.template: is missing, and the method magnum needs it; add it to cluster, or "
        "choose the other cluster.method",
    ),
    "local": (
        [("buckets: [fitting-service, z-peak]", "buckets: §[fitting-service]")],
        "object_storage.buckets: the bucket that the pattern z-peak needs is not here; add "
        '"z-peak" to object_storage.buckets',
    ),
    "local-full": (
        [("    - fan-out\n", ""), ("  buckets:", "  §buckets:")],
        "object_storage.buckets: the bucket that the pattern fan-out needs is not here; add "
        '"fan-out" to object_storage.buckets',
    ),
    "moc": (
        [("{role: operations, address: null}", "§{role: operations}")],
        'contacts[0].address: is missing; add "address: operations@example.edu" to contacts[0]',
    ),
    "nyu": (
        [
            ("scope: cluster", "scope: namespace\n  namespaces: [ssl]"),
            ("kind: traefik", "kind: §traefik"),
        ],
        "ingress.kind: traefik makes an IngressClass and a ClusterRole, which the scope namespace "
        'forbids; write "kind: class" with the site\'s own IngressClass, or "kind: gateway"',
    ),
    "princeton": (
        [("status: planned", "status: §active")],
        'status: a site of kind hpc has no cluster to deploy to; write "status: planned"',
    ),
    "sdsc": (
        [("scope: namespace", "scope: namespace\n  crds: §true")],
        "privilege.crds: cannot be true with the scope namespace; write false, or "
        '"scope: cluster" if the administrators agree',
    ),
    "uci": (
        [
            ("  source: the founding notes of the laboratory\n", ""),
            ("confidence: seed", "confidence: §public"),
        ],
        "cluster.confidence: is public, and nothing says where it comes from; add "
        '"source: ..." beside it',
    ),
}


@pytest.mark.parametrize("name", SITES)
def test_a_broken_copy_gives_exactly_the_one_right_line(name: str, tmp_path: Path) -> None:
    changes, message = BROKEN[name]
    text = SITES[name].read_text(encoding="utf-8")
    for right, wrong in changes:
        assert right in text, f"{name}.yaml has changed; choose another break in BROKEN"
        text = text.replace(right, wrong, 1)
    place = place_of(text, text.index(HERE))
    copy = tmp_path / f"{name}.yaml"
    copy.write_text(text.replace(HERE, ""), encoding="utf-8")
    others = [path for site, path in SITES.items() if site != name]
    _, diagnostics = validate([*others, copy], REPOSITORY)
    assert [str(each) for each in diagnostics] == [f"{copy}:{place.line}:{place.column}: {message}"]


def test_every_site_starts_with_its_schema_and_what_it_is() -> None:
    for path in SITES.values():
        first, second, *_ = path.read_text(encoding="utf-8").splitlines()
        assert first == "# yaml-language-server: $schema=../schema/site.json"
        assert second.startswith("# ")
