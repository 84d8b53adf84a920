import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from sslab.errors import SslabError
from sslab.site.adding import Wishes, add_kind, add_like
from sslab.site.beginnings import Kind
from sslab.site.loading import load_site, validate
from tests.unit.site.wrong_files import REPOSITORY

pytestmark = pytest.mark.volume

NAMES = sorted(path.stem for path in REPOSITORY.glob("sites/*.yaml"))
KINDS: tuple[Kind, ...] = get_args(Kind)
NOTHING = Wishes()
METALLB = """\
# yaml-language-server: $schema=../schema/site.json
# A campus whose addresses are its own.
name: campus
title: A campus
cluster: {kind: existing, context: campus, version: "1.34", kubeconfig: ~/.kube/campus}
cni: {cluster_domain: campus.local, node_network: 192.0.2.0/24}
quota: {cpu: 4, memory: 6Gi, pods: 50, source: a letter, date: 2026-11, confidence: verified}
gpus: [{model: A100, count: 4}]
storage: {capacity: 20Gi}
ingress:
  kind: traefik
  domain: ssl.campus.example.edu  # not campus.example.edu
  tls: {kind: secret, secret: ssl-tls}
load_balancing:  # two of ours
  kind: metallb
  pool: [192.0.2.10-192.0.2.11]
  address: 192.0.2.10
object_storage: {kind: s3, endpoint: "https://s3.example.edu", buckets: [z-peak]}
privilege: {privileged: true, host_path: true}
cvmfs: {kind: csi, repositories: [atlas.cern.ch], proxies: ["http://squid.example.edu:3128"]}
identity: {issuer: "https://login.example.edu", client: campus}
batch: [{kind: slurm, endpoint: login.example.edu}]
rules: {confidence: unknown}
exemptions:
  - {policy: images-pinned, object: Job/x, reason: for the campus, expires: 2027-03-31}
network: {wan_gbps: 100.0}
maintenance_windows: [{day: monday, start: "06:00", hours: 4, time_zone: America/Chicago}]
federation: {weight: 3}
patterns: {z-peak: {}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for folder in ("sites", "patterns"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    (tmp_path / "Pulumi.yaml").write_text("name: ssl\n", encoding="utf-8")
    return tmp_path


def assert_all_right(repository: Path) -> None:
    _, diagnostics = validate(sorted(repository.glob("sites/*.yaml")), repository)
    assert diagnostics == ()


@pytest.mark.parametrize("other", NAMES)
def test_a_site_like_another_is_valid_beside_it(other: str, repository: Path) -> None:
    path = add_like(repository, "newcomer", other, NOTHING)
    assert path == repository / "sites" / "newcomer.yaml"
    site, old = load_site(path, repository), load_site(repository / f"sites/{other}.yaml")
    assert_all_right(repository)
    assert (site.name, site.title, site.status) == ("newcomer", "newcomer", old.status)
    assert site.patterns == old.patterns
    assert site.cluster.kind == old.cluster.kind
    assert {each.role for each in site.contacts} == {each.role for each in old.contacts}
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schema/site.json\n# newcomer\n")
    assert f"Made like sites/{other}.yaml" in text
    assert "\n\n" not in text.replace("# newcomer\n#\n", "")
    assert not re.search(r"^ *(- )?(source|date|confidence): ", text, re.MULTILINE)
    for foreign in (f"{other}.ssl-hep.org", "river-dev"):
        assert foreign not in text
    if site.reached:
        assert site.reached.domain.startswith("newcomer.")
        assert site.context in ("ssl-newcomer", None)


def test_a_site_like_one_with_users_runs_its_own_issuer_for_them(repository: Path) -> None:
    site = load_site(add_like(repository, "newcomer", "local-full", NOTHING), repository)
    old = load_site(repository / "sites/local-full.yaml")
    assert site.identity is not None
    assert old.identity is not None
    assert site.port != old.port
    assert site.identity.issuer == f"http://login.newcomer.localhost:{site.port}"
    assert (site.identity.client, site.identity.users) == (old.identity.client, old.identity.users)


@pytest.mark.parametrize("kind", KINDS)
def test_a_site_of_each_kind_is_valid_beside_the_others(kind: Kind, repository: Path) -> None:
    site = load_site(add_kind(repository, "newcomer", kind, NOTHING), repository)
    assert_all_right(repository)
    assert site.cluster.kind == kind
    assert site.status == ("planned" if kind == "hpc" else "active")
    assert bool(site.patterns) == (kind != "hpc")
    text = (repository / "sites/newcomer.yaml").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 100
    assert "$" not in text.replace("$schema", "")


@pytest.mark.parametrize("kind", KINDS)
def test_two_of_a_kind_do_not_collide(kind: Kind, repository: Path) -> None:
    def wishes(name: str) -> Wishes:
        return Wishes(context=f"of-{name}") if kind in ("existing", "local") else NOTHING

    for name in ("first", "second", "third"):
        add_kind(repository, name, kind, wishes(name))
    for name in ("fourth", "fifth"):
        add_like(repository, name, "first", wishes(name))
    assert_all_right(repository)


def test_comments_stay_where_they_are_of_use(repository: Path) -> None:
    text = add_like(repository, "newcomer", "sdsc", NOTHING).read_text(encoding="utf-8")
    assert "  scope: namespace\n" in text
    assert "# a tenant gets a namespace and nothing of the cluster's own" in text
    assert "# ours: *.newcomer.ssl-hep.org has to point to the site's ingress" in text
    assert "Nautilus of the National Research Platform" not in text, "that is who the other is"
    assert "# of all of Nautilus" not in text, "the capacity that it is about is gone"


def test_a_name_within_the_others_name_is_replaced_once(repository: Path) -> None:
    text = add_like(repository, "new-gke", "gke", NOTHING).read_text(encoding="utf-8")
    assert "domain: new-gke.ssl-hep.org" in text
    assert "new-new" not in text


def test_wishes_are_kept(repository: Path) -> None:
    wishes = Wishes(title='Nowhere: "the" #1', domain="ssl.nowhere.example.edu", context="a: b")
    for name, site in (
        ("one", load_site(add_like(repository, "one", "nyu", wishes), repository)),
        ("two", load_site(
            add_kind(repository, "two", "existing", Wishes(
                title=wishes.title, domain="two.example.edu", context="a: c")),
            repository)),
    ):  # fmt: skip
        context = "a: b" if name == "one" else "a: c"
        assert (site.name, site.title, site.context) == (name, wishes.title, context)
    assert load_site(repository / "sites/one.yaml").host("s3") == "s3.ssl.nowhere.example.edu"


@pytest.mark.parametrize("title", ["2026", "null", "~", "- a", "#1", "a #b", "{}", "'", "été 1e5"])
def test_a_title_that_yaml_would_read_differently_stays_text(title: str, repository: Path) -> None:
    for path in (
        add_like(repository, "one", "nyu", Wishes(title=title)),
        add_kind(repository, "two", "existing", Wishes(title=title)),
    ):
        assert load_site(path, repository).title == title


def test_what_belongs_to_the_other_site_is_not_copied(repository: Path) -> None:
    (repository / "sites/campus.yaml").write_text(METALLB, encoding="utf-8")
    assert_all_right(repository)
    path = add_like(repository, "newcomer", "campus", NOTHING)
    assert_all_right(repository)
    site, text = load_site(path, repository), path.read_text(encoding="utf-8")
    for foreign in ("192.0.2", "a letter", "A100", "squid", "client: campus", "campus.local",
                    "login.example.edu}", "for the campus", "wan_gbps", "monday", "weight",
                    "~/.kube", "1.34", "rules:", "cni:"):  # fmt: skip
        assert foreign not in text, foreign
    assert site.load_balancing is not None
    assert site.load_balancing.kind == "node-ports"
    assert "# or metallb, with a pool of this site's own addresses" in text
    assert site.port == 30443
    assert site.host("s3") == "s3.newcomer.campus.example.edu"
    assert "prefix: ssl-newcomer-" in text, "nor may the two share buckets"
    assert site.batch[0].endpoint is None


def test_a_pool_behind_an_ingress_of_the_site_becomes_nothing(repository: Path) -> None:
    text = METALLB.replace("kind: traefik", "kind: class\n  class_name: haproxy")
    (repository / "sites/campus.yaml").write_text(text, encoding="utf-8")
    site = load_site(add_like(repository, "newcomer", "campus", NOTHING), repository)
    assert site.load_balancing is not None
    assert site.load_balancing.kind == "none"
    assert site.port == 443


@pytest.mark.parametrize(
    ("name", "other", "wishes", "message"),
    [
        ("nyu", "sdsc", NOTHING,
         "sites/nyu.yaml is there already; choose another name, or edit that file"),
        ("My_Campus", "nyu", NOTHING,
         '"My_Campus" cannot be a site\'s name; did you mean "my-campus"?'),
        ("../x", "nyu", NOTHING,
         '"../x" cannot be a site\'s name; write lower-case letters, digits and hyphens, as in '
         "my-campus"),
        ("", "nyu", NOTHING,
         '"" cannot be a site\'s name; write lower-case letters, digits and hyphens, as in '
         "my-campus"),
        ("x", "nyuu", NOTHING, 'there is no sites/nyuu.yaml; did you mean "nyu"?'),
        ("x", "zzz", NOTHING, f"there is no sites/zzz.yaml; the sites are {', '.join(NAMES)}"),
        ("x", "gke", Wishes(context="c"),
         "sites/gke.yaml has no place for --context; leave --context out"),
        ("x", "uci", Wishes(domain="a.edu"),
         "sites/uci.yaml has no place for --domain; leave --domain out"),
        ("x", "nyu", Wishes(domain="http://Ssl_x.example.edu/"),
         '"http://Ssl_x.example.edu/" cannot be a domain; did you mean "ssl-x.example.edu"?'),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_message(
    name: str, other: str, wishes: Wishes, message: str, repository: Path
) -> None:
    before = {path: path.read_bytes() for path in repository.glob("sites/*")}
    with pytest.raises(SslabError) as caught:
        add_like(repository, name, other, wishes)
    assert str(caught.value) == message
    assert {path: path.read_bytes() for path in repository.glob("sites/*")} == before


def test_nothing_wrong_is_written(repository: Path) -> None:
    with pytest.raises(SslabError) as caught:
        add_kind(repository, "x", "existing", Wishes(domain="chicago.ssl-hep.org"))
    first, second = str(caught.value).splitlines()
    assert first == "sites/x.yaml is not written, for it would be wrong:"
    assert re.match(
        r"sites/x\.yaml:[0-9]+:11: ingress\.domain: the domain is taken by sites/chicago\.yaml",
        second,
    )
    assert not (repository / "sites/x.yaml").exists()


def test_another_sites_mistakes_do_not_hinder(repository: Path) -> None:
    (repository / "sites/broken.yaml").write_text("name: [\n", encoding="utf-8")
    assert add_like(repository, "newcomer", "nyu", NOTHING).is_file()
    with pytest.raises(SslabError, match=r"sites/broken\.yaml:"):
        add_like(repository, "other", "broken", NOTHING)


def test_the_longest_name_has_a_prefix_of_its_own(repository: Path) -> None:
    name = "a" * 63
    assert load_site(add_kind(repository, name, "gke", NOTHING), repository).name == name
