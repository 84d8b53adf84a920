"""The environment of Pulumi and the stack's secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sslab.catalogue.secrets import Recipe, required_secrets
from sslab.engine.environment import environment, passphrase_file, prepare
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.toolchain.build import Toolchain
from tests.unit.destroying.cases import claim, document
from tests.unit.engine import fake_pulumi

ROOT = Path(__file__).parents[3]
PULUMI = r"""#!/bin/sh
echo "$@" >> "$CALLS"
case "$1 $2" in
"stack rename") echo "error: a stack named local already exists" >&2; exit 255 ;;
"stack ls") echo "${STACKS:-[]}" ;;
"stack export") cat "${EXPORTED:-$(dirname "$0")/empty.json}" ;;
"config set") cat >> "$CALLS.stdin"; echo >> "$CALLS.stdin" ;;
"config --show-secrets") echo '{"ssl:s3-admin-secret-key": {"value": "hidden", "secret": true}}' ;;
"destroy "* | "up "*)
  log=$(echo "$*" | sed 's/.*--event-log \([^ ]*\).*/\1/')
  printf '%s\n' "$EVENTS" > "$log"
  [ "$1" = up ] && exit 3
  exit "${DESTROYED:-0}" ;;
esac
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    programs = fake_pulumi.laid(tmp_path, PULUMI)
    (programs / "empty.json").write_text("{}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "stacks").mkdir()
    site = load_site(ROOT / "sites/local.yaml")
    path = f"{programs}:/usr/bin:/bin"
    return Stack(tmp_path, site, {"PATH": path, "CALLS": str(tmp_path / "calls")})


def test_secrets_go_by_standard_input_and_each_is_its_own(stack: Stack, tmp_path: Path) -> None:
    stack.ensure()
    calls = (tmp_path / "calls").read_text().splitlines()
    values = (tmp_path / "calls.stdin").read_text().split()
    wanted = required_secrets(load_site(ROOT / "sites/local.yaml"), {})
    assert len(values) == len(set(values)) == len(wanted)
    assert [len(value) for value in values] == [
        spec.recipe.length for spec in wanted if isinstance(spec.recipe, Recipe)
    ]
    assert not any(value in call for call in calls for value in values)
    assert calls[1] == "stack init local --secrets-provider passphrase --non-interactive"


def test_secrets_that_are_there_stay(stack: Stack, tmp_path: Path) -> None:
    keys = [spec.key for spec in required_secrets(load_site(ROOT / "sites/local.yaml"), {})]
    lines = "".join(f"  ssl:{key}:\n    secure: v1:x\n" for key in keys[1:])
    (tmp_path / "stacks/Pulumi.local.yaml").write_text(f"config:\n{lines}")
    stack.ensure()
    calls = (tmp_path / "calls").read_text()
    assert calls.count("config set") == 1
    assert f"ssl:{keys[0]} " in calls


GIVEN = {
    "kind": "s3",
    "endpoint": "https://s3.example.edu",
    "buckets": ["fitting-service", "z-peak"],
}


def test_secrets_that_the_site_gives_are_not_made_up(stack: Stack, tmp_path: Path) -> None:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    site = Site.model_validate({**data, "object_storage": GIVEN})
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "CALLS": str(tmp_path / "calls")}
    other = Stack(tmp_path, site, environment)
    keys = [spec.key for spec in required_secrets(site, {})]
    assert "s3-admin-access-key" not in keys
    with pytest.raises(SslabError) as refusal:
        other.ensure()
    assert str(refusal.value) == (
        f"stacks/Pulumi.local.yaml lacks {', '.join(keys)}; "
        "`sslab secrets set local <key>` takes what the site gave you"
    )
    calls = (tmp_path / "calls").read_text()
    assert "stack init local" in calls, "the stack is there to take them"
    assert "config set" not in calls
    lines = "".join(f"  ssl:{key}:\n    secure: v1:x\n" for key in keys)
    (tmp_path / "stacks/Pulumi.local.yaml").write_text(f"config:\n{lines}")
    other.ensure()


def test_values_come_back_without_the_projects_name(stack: Stack) -> None:
    assert stack.secret_values() == {"s3-admin-secret-key": "hidden"}


def test_a_failed_deployment_is_one_message_with_the_remedy(stack: Stack) -> None:
    with pytest.raises(EngineError, match=r"failed.*; mend it and run the same command again"):
        stack.up(refresh=False, interactive=False)


def with_state(stack: Stack, tmp_path: Path, **more: str) -> Stack:
    """Return a stack that exists, with the laboratory of the tests of `destroy`."""
    exported = tmp_path / "exported.json"
    exported.write_text(json.dumps(document()))
    environment = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "CALLS": str(tmp_path / "calls"),
        "EXPORTED": str(exported),
        "STACKS": '[{"name": "local"}]',
        **more,
    }
    return Stack(tmp_path, load_site(ROOT / "sites/local.yaml"), environment)


def test_a_protected_claim_is_told_with_the_line_to_write(stack: Stack, tmp_path: Path) -> None:
    said = f'resource "{claim()["urn"]}" cannot be deleted\nbecause it is protected. To'
    events = json.dumps({"diagnosticEvent": {"severity": "error", "message": said}})
    with pytest.raises(EngineError) as failed:
        with_state(stack, tmp_path, EVENTS=events).up(refresh=False, interactive=False)
    name = "PersistentVolumeClaim/ssl-object-storage/object-storage"
    assert str(failed.value) == (
        f"the deployment failed: {name} is protected; if its data may be lost, add to data_loss in "
        f'sites/local.yaml: {{object: {name}, reason: <why>, expires: "<the last day, as in '
        '2027-03-31>"}; then run the same command again: what is done is not done twice'
    )


def test_the_inventory_of_no_stack_is_empty(stack: Stack) -> None:
    assert stack.inventory().resources == ()


def test_data_is_destroyed_only_when_it_is_said(stack: Stack, tmp_path: Path) -> None:
    known = with_state(stack, tmp_path)
    assert len(known.inventory().resources) == 11
    known.unprotect([])
    known.destroy(["urn:a", "urn:b"])
    known.destroy(with_data=True)
    keeping, losing = (
        call for call in (tmp_path / "calls").read_text().splitlines() if "destroy" in call
    )
    assert "--exclude=urn:a --exclude=urn:b" in keeping
    assert "--ignore-protect" not in keeping
    assert "--ignore-protect" in losing
    assert "--exclude" not in losing
    assert "state unprotect" not in (tmp_path / "calls").read_text()


def test_what_was_not_destroyed_is_one_message(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"not everything was destroyed.*run the same command"):
        with_state(stack, tmp_path, DESTROYED="3").destroy()


def test_what_a_cloud_refuses_to_destroy_is_said_in_the_sites_words(
    stack: Stack, tmp_path: Path
) -> None:
    said = 'pods "x" is forbidden: exceeded quota: given, requested: pods=1, used: pods=2, '
    event = {"severity": "error", "message": f"{said}limited: pods=2"}
    events = json.dumps({"diagnosticEvent": event})
    with pytest.raises(EngineError) as failed:
        with_state(stack, tmp_path, DESTROYED="3", EVENTS=events).destroy()
    assert str(failed.value).startswith(
        "not everything was destroyed: sites/local.yaml: quota: the namespace's own, given, is "
    )
    assert str(failed.value).endswith("then run the same command again")


def test_the_passphrase_is_made_once_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of another stack")
    site = load_site(ROOT / "sites/local.yaml")
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    made = prepare(site, toolchain)
    file = passphrase_file(site)
    first = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert made["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(file)
    assert "PULUMI_CONFIG_PASSPHRASE" not in made
    prepare(site, toolchain)
    assert file.read_text() == first
    assert first.strip() not in json.dumps(environment(site, toolchain))
    file.unlink()
    prepare(site, toolchain, encrypted=True)
    assert not file.exists(), "no other passphrase would open the stack"
