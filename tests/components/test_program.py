from __future__ import annotations

import json
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from sslab import repository
from sslab.site.model import Site
from tests.components.recording import ROOT, Recording, record, secret_values, site


@pytest.fixture(autouse=True)
def _no_configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def run(stack: str, configuration: Mapping[str, str]) -> Recording:
    keys = {f"ssl:{key}": value for key, value in configuration.items()}
    pulumi.runtime.set_all_config(keys, list(keys))
    return record(lambda: runpy.run_path(str(ROOT / "__main__.py")), stack=stack)


def test_the_program_makes_the_laboratory_of_its_stack() -> None:
    recording = run("local", secret_values(site()))
    assert recording.token("ssl:components:Laboratory").name == "laboratory"
    images = {
        container["image"] for each in recording.pods() for container in each.pod["containers"]
    }
    names = {reference.partition(":")[0] for reference in images}
    assert names == {
        f"ssl.local/{name}" for name in ("traefik", "seaweedfs", "fitting-service", "z-peak")
    }


def test_a_secret_that_a_site_may_give_is_taken_where_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = site(batch=[{"kind": "htcondor-ce", "endpoint": "ce.example.edu"}])
    monkeypatch.setattr("sslab.site.loading.load_site", lambda _: reached)
    got: list[Mapping[str, Any]] = []
    monkeypatch.setattr(
        "components.building.site.LaboratoryArgs", lambda **args: got.append(args["secrets"])
    )
    monkeypatch.setattr("components.laboratory.Laboratory", lambda *_: Made())
    for token in ({}, {"batch-htcondor-ce-token": "given"}):
        run("local", {**secret_values(reached), **token})
    assert set(got[1]) - set(got[0]) == {"batch-htcondor-ce-token"}


class Made:
    """A laboratory without outputs."""

    outputs: Mapping[str, Any] = {}


def test_missing_secrets_are_named_with_the_command_that_makes_them() -> None:
    values = secret_values(site())
    del values["s3-z-peak-secret-key"]
    with pytest.raises(pulumi.RunError) as refusal:
        run("local", values)
    assert str(refusal.value) == (
        "stacks/Pulumi.local.yaml lacks s3-z-peak-secret-key; run `sslab secrets init local`"
    )


def test_a_stack_without_a_site_file_is_refused_in_one_message() -> None:
    with pytest.raises(pulumi.RunError, match=r"sites/nowhere\.yaml") as refusal:
        run("nowhere", {})
    assert refusal.value.__cause__ is None


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the patterns and images of this one, and no site yet."""
    for folder in ("patterns", "images"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "sites").mkdir()
    monkeypatch.setattr(repository, "repository_root", lambda: tmp_path)
    return tmp_path


def changed(root: Path, **facts: Any) -> Site:
    """Write sites/local.yaml with some fields replaced."""
    data = site().model_dump(mode="json") | facts
    (root / "sites" / "local.yaml").write_text(json.dumps(data))
    return Site.model_validate(data)


def test_a_site_that_is_too_small_is_refused_in_one_message(elsewhere: Path) -> None:
    changed(elsewhere, quota={"cpu": "300m", "memory": "6Gi", "pods": 9})
    with pytest.raises(pulumi.RunError, match=r"quota\.cpu"):
        run("local", secret_values(site()))


def test_secrets_that_only_the_site_can_give_are_named_with_the_command(elsewhere: Path) -> None:
    the_site = changed(
        elsewhere,
        object_storage={
            "kind": "s3",
            "endpoint": "https://s3.example.edu",
            "buckets": ["fitting-service", "z-peak"],
        },
    )
    values = secret_values(the_site)
    del values["s3-z-peak-access-key"], values["s3-z-peak-secret-key"]
    with pytest.raises(pulumi.RunError) as refusal:
        run("local", values)
    assert str(refusal.value) == (
        "stacks/Pulumi.local.yaml lacks s3-z-peak-access-key, s3-z-peak-secret-key; "
        "`sslab secrets set local <key>` takes what the site gave you"
    )


def test_images_are_called_after_the_sites_registry(elsewhere: Path) -> None:
    changed(elsewhere, registry={"images": "registry.example.edu/ssl"})
    images = {
        container["image"].rpartition("/")[0]
        for each in run("local", secret_values(site())).pods()
        for container in each.pod["containers"]
    }
    assert images == {"registry.example.edu/ssl"}
