"""Where a site takes published charts from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.charts import CVMFS_CHART, chart_source, published_charts, require_charts
from sslab.errors import SslabError
from sslab.site.model import Site

CSI = {"kind": "csi", "repositories": ["atlas.cern.ch"]}


def site(mirror: object, cvmfs: dict[str, Any] = CSI) -> Site:
    data = {"name": "campus", "title": "Campus", "cluster": {"kind": "existing"}}
    return Site.model_validate({**data, "cvmfs": cvmfs, "charts": {"mirror": mirror}})


def test_a_chart_is_taken_from_its_own_address_or_an_oci_mirror() -> None:
    assert chart_source(CVMFS_CHART, site(None)).chart == CVMFS_CHART.address
    mirrored = chart_source(CVMFS_CHART, site("oci://mirror.example.edu/charts"))
    assert mirrored.chart == "oci://mirror.example.edu/charts/cvmfs-csi"
    assert mirrored.version == CVMFS_CHART.version
    require_charts(site("oci://mirror.example.edu/charts"))


def test_a_directory_has_a_folder_or_an_archive(tmp_path: Path) -> None:
    asked = site(str(tmp_path))
    archive = tmp_path / f"cvmfs-csi-{CVMFS_CHART.version}.tgz"
    archive.touch()
    require_charts(asked)
    assert chart_source(CVMFS_CHART, asked).chart == str(archive)
    folder = tmp_path / "cvmfs-csi"
    folder.mkdir()
    (folder / "Chart.yaml").touch()
    require_charts(asked)
    assert chart_source(CVMFS_CHART, asked).chart == str(folder)


def test_a_missing_chart_is_told_with_the_field_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(SslabError) as refused:
        require_charts(site(str(tmp_path)))
    assert str(refused.value) == (
        f"sites/campus.yaml: charts.mirror: {tmp_path} has no chart cvmfs-csi 2.5.2; run "
        "`helm pull oci://registry.cern.ch/kubernetes/charts/cvmfs-csi --version 2.5.2 "
        f"--destination {tmp_path}` where the address is reached, or delete charts.mirror"
    )


def test_only_a_driver_of_our_own_needs_its_chart(tmp_path: Path) -> None:
    tenant = site(str(tmp_path), {**CSI, "kind": "class", "class_name": "cvmfs"})
    assert published_charts(tenant) == ()
    require_charts(tenant)
