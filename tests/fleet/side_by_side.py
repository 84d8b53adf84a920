"""What holds of sites that are up side by side, whichever they are."""

from __future__ import annotations

import subprocess
import sys

from sslab.cluster import network
from tests.clusters import listed
from tests.fleet.sites import Fleet, Place

MADE_BY_TENANTS = "deployments,statefulsets,jobs,services,ingresses,persistentvolumeclaims,secrets"


def come_up(sites: Fleet) -> None:
    """Bring every site up, several at a time, and assert that each of them is."""
    for site, done in sites.at_once(sites.up).items():
        assert done.returncode == 0, f"{site}: {done.stdout[-9000:]}{done.stderr[-2000:]}"


def checks_pass(sites: Fleet) -> None:
    """Assert that the smoke tests of every pattern of every site pass, while the others run."""
    for site, checks in sites.at_once(sites.check).items():
        patterns = {check["pattern"] for check in checks}
        assert patterns >= set(sites.places[site].site.patterns), site
        assert all(check["passed"] for check in checks), f"{site}: {checks}"


def another_up_changes_nothing(sites: Fleet) -> None:
    """Assert that the engine finds nothing to do, having looked at what is really there."""

    def again(site: str) -> subprocess.CompletedProcess[str]:
        words = ("--yes", "--skip-preview", "--refresh", "--expect-no-changes")
        return sites.pulumi(site, "up", *words)

    for site, done in sites.at_once(again).items():
        assert done.returncode == 0, f"{site}: {done.stdout}{done.stderr}"


def no_site_reaches_another(sites: Fleet) -> None:
    """Assert that from one site's network its own API server is reached, and no other's."""
    places = list(sites.places.values())
    for here, there in zip(places, [*places[1:], places[0]], strict=True):
        assert connects(here, here), f"{here.site.name} does not reach itself"
        assert not connects(here, there), f"{here.site.name} reaches {there.site.name}"


def no_key_is_anothers(sites: Fleet) -> None:
    """Assert that every site has credentials of its own."""
    keys = [
        sites.sslab(site, "secrets", "show", site, "s3-z-peak-secret-key") for site in sites.places
    ]
    assert all(done.returncode == 0 for done in keys)
    assert len({done.stdout for done in keys}) == len(sites.places) > 1


def all_go_away(sites: Fleet) -> None:
    """Destroy every site with its data, and assert that its cluster has nothing of it left."""

    def destroy(site: str) -> subprocess.CompletedProcess[str]:
        return sites.sslab(site, "destroy", site, "--with-data", "--confirm", site)

    for site, done in sites.at_once(destroy).items():
        assert done.returncode == 0, f"{site}: {done.stdout[-3000:]}{done.stderr[-1000:]}"
    for site, place in sites.places.items():
        names = {each["metadata"]["name"] for each in listed(place.kubeconfig, "namespaces")}
        assert not {name for name in names if name.startswith("ssl-")}, site
        assert not names & set(place.site.patterns), site
        for given in place.site.privilege.namespaces:
            assert listed(place.kubeconfig, MADE_BY_TENANTS, f"--namespace={given}") == [], site


def connects(here: Place, there: Place) -> bool:
    """Tell whether a program in one site's network reaches the API server of another's."""
    program = "import socket, sys; socket.create_connection((sys.argv[1], 6443), timeout=3)"
    words = [*network.inside_of(here.spec), sys.executable, "-c", program, there.spec.address]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
