"""Where a site takes published charts from."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.charts import (
    CVMFS_CHART,
    ChartSource,
    chart_source,
    charts_at_hand,
    published_charts,
    require_charts,
)
from sslab.catalogue.contract import Contract, PublishedChart
from sslab.errors import SslabError
from sslab.site.model import Site

CSI = {"kind": "csi", "repositories": ["atlas.cern.ch"]}
VERSION = CVMFS_CHART.version
CHART_YAML = "name: cvmfs-csi\nversion: {version}\n"
LISTED = PublishedChart(name="app", version="1.2.3", address="https://charts.example.org")
PATTERN = Contract.model_validate(
    {
        "name": "app",
        "title": "App",
        "summary": "Runs.",
        "licence": "MIT",
        "charts": [LISTED.model_dump()],
        "needs": {"cpu": "1", "memory": "1Gi"},
    }
)


def site(mirror: object, cvmfs: dict[str, Any] = CSI, **changes: Any) -> Site:
    data = {"name": "campus", "title": "Campus", "cluster": {"kind": "existing"}, **changes}
    return Site.model_validate({**data, "cvmfs": cvmfs, "charts": {"mirror": mirror}})


def folder(root: Path, text: str = CHART_YAML.format(version=VERSION)) -> Path:
    path = root / "cvmfs-csi"
    path.mkdir()
    (path / "Chart.yaml").write_text(text)
    return path


def archive(root: Path, text: str = CHART_YAML.format(version=VERSION)) -> Path:
    packed = root / f"cvmfs-csi-{VERSION}.tgz"
    inside = folder(root, text)
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(inside, "cvmfs-csi")
    (inside / "Chart.yaml").unlink()
    inside.rmdir()
    return packed


def test_a_chart_is_taken_from_its_own_address_or_an_oci_mirror(tmp_path: Path) -> None:
    assert chart_source(CVMFS_CHART, site(None), tmp_path).chart == CVMFS_CHART.address
    asked = site("oci://mirror.example.edu/charts")
    assert chart_source(CVMFS_CHART, asked, tmp_path) == ChartSource(
        chart="oci://mirror.example.edu/charts/cvmfs-csi", version=VERSION
    )
    require_charts(asked, {}, tmp_path)
    assert not charts_at_hand(asked, {}, tmp_path)


def test_a_digest_pins_a_chart_in_a_registry(tmp_path: Path) -> None:
    digest = f"sha256:{64 * 'a'}"
    pinned = CVMFS_CHART.model_copy(update={"digest": digest})
    assert chart_source(pinned, site(None), tmp_path).chart.endswith(f"/cvmfs-csi@{digest}")


def test_a_chart_of_a_repository_is_a_name_there(tmp_path: Path) -> None:
    assert chart_source(LISTED, site(None), tmp_path) == ChartSource(
        chart="app", version="1.2.3", repository="https://charts.example.org"
    )


def test_a_directory_has_a_folder_or_an_archive(tmp_path: Path) -> None:
    asked = site(str(tmp_path))
    assert not charts_at_hand(asked, {}, tmp_path)
    packed = archive(tmp_path)
    require_charts(asked, {}, tmp_path)
    assert chart_source(CVMFS_CHART, asked, tmp_path).chart == str(packed)
    found = folder(tmp_path)
    require_charts(asked, {}, tmp_path)
    source = chart_source(CVMFS_CHART, asked, tmp_path)
    assert (source.chart, source.at_hand) == (str(found), True)
    assert charts_at_hand(asked, {}, tmp_path)


def test_a_directory_of_the_repository_is_the_same_text_in_every_clone(tmp_path: Path) -> None:
    mirror = tmp_path / "charts"
    mirror.mkdir()
    folder(mirror)
    source = chart_source(CVMFS_CHART, site("./charts"), tmp_path)
    assert (source.chart, source.at_hand) == ("./charts/cvmfs-csi", True)
    elsewhere = chart_source(CVMFS_CHART, site("./nowhere"), tmp_path)
    assert (elsewhere.chart, elsewhere.at_hand) == (f"./nowhere/cvmfs-csi-{VERSION}.tgz", False)


def test_a_missing_chart_is_told_with_the_field_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(SslabError) as refused:
        require_charts(site(str(tmp_path)), {}, tmp_path)
    assert str(refused.value) == (
        f"sites/campus.yaml: charts.mirror: {tmp_path} has no chart cvmfs-csi 2.5.2; run "
        "`helm pull oci://registry.cern.ch/kubernetes/charts/cvmfs-csi --version 2.5.2 "
        f"--destination {tmp_path}` where the address is reached, or delete charts.mirror"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CHART_YAML.format(version="2.4.0"), "version: is 2.4.0"),
        ("name: other\nversion: 2.5.2\n", "name: is other"),
        ("name: cvmfs-csi\n", "version: is not there"),
        ("[", "name: is not there"),
    ],
)
def test_another_chart_in_the_place_of_one_is_refused(tmp_path: Path, text: str, says: str) -> None:
    asked = site(str(tmp_path))
    packed = archive(tmp_path, text)
    with pytest.raises(SslabError) as refused:
        chart_source(CVMFS_CHART, asked, tmp_path)
    assert str(refused.value).startswith(
        f"sites/campus.yaml: charts.mirror: {packed}: cvmfs-csi/Chart.yaml: {says}, and the "
        "laboratory runs cvmfs-csi 2.5.2; run `helm pull "
    )
    inside = folder(tmp_path, text)
    with pytest.raises(SslabError, match=f"charts.mirror: {inside}/Chart.yaml: {says}"):
        require_charts(asked, {}, tmp_path)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"cvmfs-csi-{VERSION}.tgz").write_text("a page that says 404")
    with pytest.raises(SslabError, match="name: is not there"):
        chart_source(CVMFS_CHART, site(str(tmp_path)), tmp_path)


def test_only_a_driver_of_our_own_needs_its_chart(tmp_path: Path) -> None:
    tenant = site(str(tmp_path), {**CSI, "kind": "class", "class_name": "cvmfs"})
    assert published_charts(tenant, {}) == ()
    require_charts(tenant, {}, tmp_path)


def test_a_patterns_charts_are_a_sites_where_it_runs_the_pattern() -> None:
    none = {"kind": "none"}
    assert published_charts(site(None, none), {"app": PATTERN}) == ()
    assert published_charts(site(None, none, patterns={"app": {}}), {"app": PATTERN}) == (LISTED,)
