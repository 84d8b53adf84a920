"""Credentials of a stack: which there are, who uses them, and that new ones reach every pod."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import known_secrets
from sslab.engine import secrets_file
from sslab.engine.recorder import recordings
from sslab.engine.secrets import all_renewable, listing, renewable, spec_of
from sslab.engine.secrets_users import User, users
from sslab.errors import SslabError
from sslab.site.loading import load_site
from sslab.site.model import Site

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT)
IDENTITY = {"issuer": "https://login.example.edu", "client": "ssl"}
OWN, CHANGED = "configuration", "changed"


def site(name: str = "local", **facts: Any) -> Site:
    data = load_site(ROOT / f"sites/{name}.yaml").model_dump(mode="json")
    return Site.model_validate({**data, **facts})


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose fitting service has a login in front, at the site `local`."""
    folder = tmp_path_factory.mktemp("login")
    for each in ROOT.iterdir():
        if each.name not in ("patterns", "sites", "stacks", ".git") and each.name[:1] != ".":
            (folder / each.name).symlink_to(each)
    shutil.copytree(ROOT / "patterns", folder / "patterns")
    contract = folder / "patterns/fitting_service/pattern.yaml"
    contract.write_text(contract.read_text().replace("needs: {", "needs: {login: true, "))
    (folder / "sites").mkdir()
    write_site(folder, "local")
    return folder


def write_site(folder: Path, name: str) -> None:
    data = yaml.safe_load((ROOT / "sites/local.yaml").read_text())
    (folder / f"sites/{name}.yaml").write_text(
        yaml.safe_dump({**data, "name": name, "identity": IDENTITY})
    )


def hashes(resources: Any) -> dict[str, str]:
    """Return the hash of its secrets that each kind of pod carries."""
    found = {}
    for each in resources:
        template = (each["inputs"].get("spec") or {}).get("template") or {}
        value = (template.get("metadata") or {}).get("annotations", {}).get("ssl/secrets")
        if value is not None:
            of, metadata = each["inputs"], each["inputs"]["metadata"]
            found[f"{of['kind']} {metadata['namespace']}/{metadata['name']}"] = value
    return found


def test_a_new_value_makes_new_pods_of_all_that_use_it_and_of_no_others(login: Path) -> None:
    the_site = load_site(login / "sites/local.yaml")
    specs = known_secrets(the_site, load_contracts(login))
    assert "identity-cookie-secret" in {spec.key for spec in specs}
    asking = users(login, the_site, specs)
    old = {spec.key: f"old-value-of-{spec.key}" for spec in specs}
    values: dict[str, Mapping[str, str]] = {"local": old}
    for number, spec in enumerate(specs):  # a site for each key, where that key alone is another
        write_site(login, f"local-{number}")
        values[f"local-{number}"] = {**old, spec.key: "new"}
    with recordings(login, list(values), values=values) as recorded:
        first, *others = recorded
    before = hashes(first.resources)
    assert len(before) >= 3
    for spec, other in zip(specs, others, strict=True):
        assert other.error is None
        after = hashes(other.resources)
        assert after.keys() == before.keys()
        new = {name for name, value in after.items() if value != before[name]}
        assert new == {user.name for user in asking[spec.key] if user.restarts}, spec.key
        assert all(user.name.startswith("Job ") for user in asking[spec.key] if not user.restarts)


@pytest.mark.parametrize("name", ["illinois", "nyu"])
def test_every_needed_credential_is_used_by_something(name: str) -> None:
    the_site = site(name)
    specs = [spec for spec in known_secrets(the_site, CONTRACTS) if spec.needed]
    asking = users(ROOT, the_site, specs)
    assert [key for key, using in asking.items() if not using] == []


def test_the_nodes_of_a_cluster_of_instances_are_made_with_tokens() -> None:
    the_site = site("illinois")
    specs = [spec_of(the_site, CONTRACTS, key) for key in ("k3s-authority", "k3s-join-token")]
    asking = users(ROOT, the_site, specs)
    control = User("Instance ssl-illinois-control-plane", restarts=True, is_node=True)
    assert asking["k3s-authority"] == (control,)
    assert control in asking["k3s-join-token"]
    assert len(asking["k3s-join-token"]) > 1


def test_values_of_nodes_are_not_renewed_with_the_others() -> None:
    keys = {spec.key for spec in all_renewable(site("illinois"), CONTRACTS)}
    assert keys
    assert not any(key.startswith("k3s-") for key in keys)
    (named,) = renewable(site("illinois"), CONTRACTS, ["k3s-join-token", "k3s-join-token"])
    assert named.key == "k3s-join-token"


GIVEN = {"kind": "s3", "endpoint": "https://s3.example.edu", "buckets": ["z-peak"]}


def test_what_the_site_was_given_is_not_made_up() -> None:
    the_site = site(object_storage=GIVEN, patterns={"z-peak": {}})
    with pytest.raises(SslabError) as refusal:
        renewable(the_site, CONTRACTS, ["s3-z-peak-access-key"])
    assert str(refusal.value) == (
        "s3-z-peak-access-key: not made here, but given to local: opens the bucket z-peak: access "
        "key; get a new one there, and `sslab secrets set local s3-z-peak-access-key` takes it; "
        "nothing was changed"
    )
    assert all_renewable(the_site, CONTRACTS) == ()


def test_an_unknown_key_is_told_with_the_likely_one() -> None:
    with pytest.raises(SslabError, match=r"no credential s3-zpeak-access-key; did you mean s3-z-p"):
        spec_of(site(), CONTRACTS, "s3-zpeak-access-key")


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("s3-z-peak-access-key", "AKIA0123", "with space"),
        ("s3-z-peak-secret-key", 'x+/"0123456789abcdef', "short"),
        ("s3-z-peak-secret-key", "a" * 40, "a" * 20 + "\n" + "a" * 20),
        ("identity-cookie-secret", "a" * 32, "a" * 31),
        ("identity-cookie-secret", "a_-" * 14 + "a=", "a" * 40),
        ("k3s-join-token", "a" * 48, "a," * 24),
        (
            "k3s-authority",
            "-----BEGIN EC PRIVATE KEY-----\nx\n-----BEGIN CERTIFICATE-----\ny",
            "-----BEGIN CERTIFICATE-----\ny",
        ),
        ("kubeconfig", "apiVersion: v1\nclusters: []\n", "no kubeconfig"),
        ("kubeconfig", "/etc/kubeconfig", "kubeconfig"),
        ("batch-slurm-token", "a.b-c_d" * 4, "token"),
    ],
)
def test_the_shape_of_a_value_is_looked_at(key: str, right: str, wrong: str) -> None:
    where = site("illinois")
    if key.startswith("identity"):
        login = CONTRACTS["fitting-service"].needs.model_copy(update={"login": True})
        contracts = {
            "fitting-service": CONTRACTS["fitting-service"].model_copy(update={"needs": login})
        }
        spec = spec_of(site(identity=IDENTITY), contracts, key)
    elif key.startswith("batch"):
        batch = [{"kind": "slurm", "endpoint": "slurm.example.edu"}]
        spec = spec_of(site(batch=batch), CONTRACTS, key)
    else:
        spec = spec_of(where, CONTRACTS, key)
    assert spec.shape.fits(right)
    assert not spec.shape.fits(wrong)
    assert not spec.shape.fits("")


STACK = """\
encryptionsalt: v1:abc=:v1:def
config:
  ssl:s3-z-peak-access-key:
    secure: v1:one
  ssl:s3-z-peak-secret-key: plain
  ssl:s3-gone-access-key:
    secure: v1:two
  kubernetes:context: other
"""


def committed(folder: Path, text: str, date: str) -> None:
    file = secrets_file.path(folder, "local")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    for words in (["add", "-f", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.edu", *words],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "GIT_COMMITTER_DATE": f"{date}T12:00:00Z"},
            check=True,
        )


def test_the_file_tells_keys_and_the_day_of_each_value(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    file = secrets_file.path(tmp_path, "local")
    committed(tmp_path, STACK, "2026-01-02")
    committed(tmp_path, STACK.replace("v1:one", "v1:new"), "2026-03-04")
    file.write_text(file.read_text() + "  ssl:s3-a-access-key:\n    secure: v1:three\n")
    assert secrets_file.provider(file) == "passphrase"
    assert secrets_file.keys(file) == {
        "s3-z-peak-access-key": True,
        "s3-z-peak-secret-key": False,
        "s3-gone-access-key": True,
        "s3-a-access-key": True,
    }
    days = secrets_file.days(tmp_path, file)
    assert days["s3-z-peak-access-key"] == "2026-03-04"
    assert days["s3-z-peak-secret-key"] == "2026-01-02"
    assert "s3-a-access-key" not in days


def test_a_file_that_git_does_not_know_has_no_days(tmp_path: Path) -> None:
    file = secrets_file.path(tmp_path, "local")
    assert secrets_file.keys(file) == {}
    assert secrets_file.provider(file) is None
    file.parent.mkdir()
    file.write_text("secretsprovider: awskms://alias/ssl\nencryptedkey: abc\n" + STACK[30:])
    assert secrets_file.days(tmp_path, file) == {}
    assert secrets_file.provider(file) == "awskms://alias/ssl"
    file.write_text("config: [")
    with pytest.raises(SslabError, match=r"is not YAML: .*`git checkout"):
        secrets_file.keys(file)


def test_the_list_tells_what_is_wrong(login: Path) -> None:
    the_site = load_site(login / "sites/local.yaml")
    file = secrets_file.path(login, "local")
    file.parent.mkdir(exist_ok=True)
    file.write_text(STACK)
    found = listing(login, the_site, load_contracts(login))
    problems = {each.spec.key: each.problem for each in found.credentials}
    assert problems["s3-z-peak-access-key"] is None
    assert problems["s3-z-peak-secret-key"] == "in plain text"
    assert problems["s3-admin-access-key"] == "missing"
    assert found.unused == ("s3-gone-access-key",)


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "stacks/Pulumi.local.yaml"
    with secrets_file.replaced(file) as draft:  # a clone where nothing is deployed yet
        draft.write_text(STACK)

    def fails() -> None:
        with secrets_file.replaced(file) as draft:
            draft.write_text("half")
            raise SslabError("killed")

    with pytest.raises(SslabError):
        fails()
    assert file.read_text() == STACK
    with secrets_file.replaced(file) as draft:
        assert draft.read_text() == STACK
        draft.write_text("whole")
    assert file.read_text() == "whole"
    assert list(file.parent.iterdir()) == [file]
