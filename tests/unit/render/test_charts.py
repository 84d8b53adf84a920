"""Charts of a mirror: their objects in manifests and plans, by Helm as it is pinned."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sslab.errors import SslabError
from sslab.plan.planning import plan_sites
from sslab.progress import Progress
from sslab.render.manifests import Rendering, SecretNeed
from sslab.render.program import render_site
from sslab.site.loading import load_site
from tests.charts import bulletin_pattern

pytestmark = pytest.mark.volume

DEPLOYMENT = "50-deployment_bulletin_bulletin.yaml"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bulletin_pattern.repository(tmp_path_factory.mktemp("lab") / "repository")


@pytest.fixture
def tree(repository: Path) -> Iterator[Path]:
    yield repository
    bulletin_pattern.git(repository, "reset", "--hard", "--quiet")
    bulletin_pattern.git(repository, "clean", "-fdq")


def rendered(tree: Path) -> Rendering:
    return render_site(tree, load_site(tree / "sites/campus.yaml", tree), Progress())


def objects(of: Rendering) -> dict[str, dict[str, object]]:
    names = yaml.safe_load(of.files["kustomization.yaml"])["resources"]
    return {name: yaml.safe_load(of.files[name]) for name in names}


def test_a_charts_objects_are_rendered_like_any_other(tree: Path) -> None:
    found = rendered(tree)
    assert found.left_out == ()
    assert SecretNeed("bulletin", "bulletin-password", ("password",)) in found.secrets
    own = {name for name in objects(found) if "bulletin" in name}
    assert {
        "05-customresourcedefinition_notices.bulletin.example.org.yaml",
        "15-configmap_bulletin_bulletin-notice.yaml",
        "35-persistentvolumeclaim_bulletin_bulletin-data.yaml",
        DEPLOYMENT,
        "80-notice_bulletin.yaml",  # its kind is of the cluster, as the chart's definition says
    } <= own
    text = "".join(found.files.values())
    assert "greeting" not in text  # a hook, which Pulumi's provider leaves out as well
    assert "placeholder" not in text


def test_the_sites_layers_reach_the_objects_through_the_values(tree: Path) -> None:
    made = objects(rendered(tree))
    claim = made["35-persistentvolumeclaim_bulletin_bulletin-data.yaml"]
    assert claim["spec"]["storageClassName"] == "fast"  # type: ignore[index]
    pod = made[DEPLOYMENT]["spec"]["template"]["spec"]  # type: ignore[index]
    assert pod["containers"][0]["image"] == "mirror.example.edu/bulletin:1.2.3"
    assert pod["containers"][0]["resources"]["requests"] == {"cpu": "100m", "memory": "128Mi"}
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    assert pod["automountServiceAccountToken"] is False


def test_an_archive_gives_the_same_as_a_folder(tree: Path) -> None:
    before = rendered(tree).files
    with tarfile.open(tree / "charts/bulletin-1.2.3.tgz", "w:gz") as packed:
        packed.add(tree / "charts/bulletin", "bulletin")
    shutil.rmtree(tree / "charts/bulletin")
    assert rendered(tree).files == before


def test_a_chart_that_is_not_at_hand_is_left_out(tree: Path) -> None:
    shutil.rmtree(tree / "charts")
    found = rendered(tree)
    assert list(found.left_out) == ["kubernetes:helm.sh/v4:Chart bulletin"]
    assert DEPLOYMENT not in found.files


def test_a_changed_value_is_a_changed_object_in_the_plan(tree: Path) -> None:
    bulletin_pattern.site(tree, notice="open", watcher="true")
    (plan,) = plan_sites(tree, ["campus"], "HEAD", Progress()).sites
    assert plan.error == ""
    changes = {change.resource.label: change for change in plan.changes}
    notice = changes["ConfigMap bulletin/bulletin-notice"]
    assert [(field.path, field.before, field.after) for field in notice.fields] == [
        ('data["notice.txt"]', "closed", "open")
    ]
    assert {power.what for power in plan.powers.added} == {"ClusterRole bulletin-watcher"}
    assert not any("Deployment" in label for label in changes)


def test_the_policies_judge_a_charts_objects(tree: Path) -> None:
    (plan,) = plan_sites(tree, ["campus"], None, Progress()).sites
    found = {each.policy for each in plan.findings or () if "Deployment" in each.label}
    assert "images-pinned" in found  # the chart's image has a tag alone


def test_another_version_in_the_mirror_is_told_in_one_message(tree: Path) -> None:
    chart = tree / "charts/bulletin/Chart.yaml"
    chart.write_text(chart.read_text().replace("1.2.3", "1.3.0"))
    with pytest.raises(SslabError) as refused:
        rendered(tree)
    assert str(refused.value) == (
        "sites/campus.yaml: charts.mirror: ./charts/bulletin/Chart.yaml: version: is 1.3.0, and "
        "the laboratory runs bulletin 1.2.3; run `helm pull bulletin --repo "
        "https://charts.example.org --version 1.2.3 --destination ./charts` where the address is "
        "reached, and delete what is there"
    )


def test_a_chart_that_refuses_its_values_is_told_in_one_message(tree: Path) -> None:
    template = tree / "charts/bulletin/templates/bulletin.yaml"
    template.write_text('{{ fail "no notice today" }}')
    with pytest.raises(SslabError) as refused:
        rendered(tree)
    told = str(refused.value)
    assert told.startswith("sites/campus.yaml: charts.mirror: ./charts/bulletin 1.2.3 cannot be")
    assert "no notice today" in told
    assert "Traceback" not in told


def test_the_command_writes_them(tree: Path, tmp_path: Path) -> None:
    sslab = Path(__file__).parents[3] / ".venv/bin/sslab"
    done = subprocess.run(
        [sslab, "render", "campus", "-o", tmp_path / "out"],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / DEPLOYMENT).is_file()
    assert "left out" not in done.stdout
