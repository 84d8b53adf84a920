from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.engine.recorder import recordings
from sslab.errors import SslabError
from sslab.render.folder import write
from sslab.render.manifests import Rendering, SecretNeed, as_yaml, render, secret_manifests
from sslab.render.order import file_name

ROOT = Path(__file__).parents[3]


def recorded(kind: str, name: str, **inputs: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "lab", **inputs.pop("metadata", {})}
    return {
        "token": f"kubernetes:core/v1:{kind}",
        "name": name,
        "custom": True,
        "inputs": {"kind": kind, "metadata": metadata, "apiVersion": "v1", **inputs},
    }


@pytest.fixture(scope="module")
def local() -> Rendering:
    with recordings(ROOT, ["local"]) as documents:
        (document,) = documents
    assert document.error is None
    return render("local", document.resources)


def objects(rendering: Rendering) -> list[dict[str, Any]]:
    names = yaml.safe_load(rendering.files["kustomization.yaml"])["resources"]
    return [yaml.safe_load(rendering.files[name]) for name in names]


def test_every_object_of_a_site_but_its_secrets_is_a_file(local: Rendering) -> None:
    kinds = [each["kind"] for each in objects(local)]
    assert {"Namespace", "StatefulSet", "Deployment", "Job", "Ingress", "ClusterRole"} <= set(kinds)
    assert "Secret" not in kinds
    assert len(local.files) == len(kinds) + 2
    assert SecretNeed("z-peak", "z-peak-s3", ("access-key", "secret-key")) in local.secrets
    assert local.left_out == ()


def test_what_others_need_comes_first_in_the_order_of_the_file_names(local: Rendering) -> None:
    kinds = [each["kind"] for each in objects(local)]
    order = ["Namespace", "ResourceQuota", "ServiceAccount", "Role", "RoleBinding", "Service",
             "Deployment", "Job", "Ingress"]  # fmt: skip
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    names = [name for name in local.files if name[0].isdigit()]
    assert names == sorted(names)


def test_no_file_speaks_of_pulumi_or_holds_a_secret(local: Rendering) -> None:
    text = "".join(local.files.values())
    assert "pulumi.com/" not in text
    for hidden in ("(secret)", "placeholder", "[secret]"):
        assert hidden not in text


def test_two_runs_give_the_same_bytes(local: Rendering) -> None:
    with recordings(ROOT, ["local"]) as documents:
        (document,) = documents
    shuffled = list(document.resources)
    random.Random(1).shuffle(shuffled)
    assert render("local", shuffled).files == local.files


def test_the_order_of_fields_does_not_matter_and_that_of_lists_does() -> None:
    one = recorded("ConfigMap", "a", data={"x": "1", "b": "2"}, z=[3, 1])
    other = recorded("ConfigMap", "a", z=[3, 1], data={"b": "2", "x": "1"})
    assert render("s", [one]).files == render("s", [other]).files
    assert "z:\n- 3\n- 1\n" in render("s", [one]).files["15-configmap_lab_a.yaml"]


@pytest.mark.parametrize("text", ["yes", "on", "1", "1e3", "~", "null", "a\nb\n", "é", " x", "08"])
def test_text_stays_text_for_every_reader(text: str) -> None:
    assert yaml.safe_load(as_yaml({"a": text})) == {"a": text}


def test_no_two_objects_share_a_file() -> None:
    one = {"kind": "Role", "metadata": {"namespace": "a-b", "name": "c"}}
    other = {"kind": "Role", "metadata": {"namespace": "a", "name": "b-c"}}
    assert file_name(one) != file_name(other)
    twice = [recorded("ConfigMap", "a"), recorded("ConfigMap", "a")]
    with pytest.raises(SslabError, match=r"would be the file 15-configmap_lab_a\.yaml"):
        render("s", twice)


def test_what_is_no_object_is_named() -> None:
    bucket = {"token": "gcp:storage/bucket:Bucket", "name": "data", "custom": True, "inputs": {}}
    component = {"token": "ssl:components:Storage", "name": "storage", "custom": False,
                 "inputs": {}}  # fmt: skip
    rendering = render("s", [bucket, component])
    assert rendering.left_out == ("gcp:storage/bucket:Bucket data",)
    assert "gcp:storage/bucket:Bucket data" in rendering.files["README.md"]


def test_secrets_are_rendered_only_by_themselves() -> None:
    secret = recorded("Secret", "keys", stringData={"key": "canary"})
    assert "canary" not in "".join(render("s", [secret]).files.values())
    assert list(yaml.safe_load_all(secret_manifests([secret]))) == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "keys", "namespace": "lab"},
            "stringData": {"key": "canary"},
        }
    ]


def test_an_earlier_rendering_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "rendered"
    one, other = recorded("ConfigMap", "a"), recorded("ConfigMap", "b")
    assert write(render("s", [one, other]), folder) == []
    kept = folder / "15-configmap_lab_a.yaml"
    before = kept.stat().st_mtime_ns
    assert write(render("s", [one]), folder) == ["15-configmap_lab_b.yaml"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "15-configmap_lab_a.yaml", "README.md", "kustomization.yaml",
    ]  # fmt: skip
    assert kept.stat().st_mtime_ns == before


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [mine.yaml]\n")
    with pytest.raises(SslabError, match="which no rendering has put there"):
        write(render("s", [recorded("ConfigMap", "a")]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kustomization.yaml"]


def test_a_file_added_to_a_rendering_by_hand_is_not_overlooked(tmp_path: Path) -> None:
    rendering = render("s", [recorded("ConfigMap", "a")])
    write(rendering, tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SslabError, match=r"holds notes\.txt"):
        write(rendering, tmp_path)
