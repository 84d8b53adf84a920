"""The picture: a PNG with each number's points, band and rings."""

from __future__ import annotations

from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest
from matplotlib.image import imread

from sslab.errors import SslabError
from sslab.results.comparing import regressions
from sslab.results.plotting import MOST_PANELS, draw
from tests.unit.results.conftest import record, value


def test_every_number_gets_a_panel_with_its_points_band_and_rings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[matplotlib.figure.Figure] = []
    saved = matplotlib.figure.Figure.savefig

    def keep(figure: matplotlib.figure.Figure, *where: object, **how: object) -> None:
        drawn.append(figure)
        saved(figure, *where, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    both = (value(91.21), value(1.0, check="chi2/ndf", expected=1.0, passed=True))
    runs = [
        record(91.2, 0),
        record(91.4, 1),
        record(91.22, 2, site="nyu", values=both),
        record(91.23, 3, site="nyu"),
    ]
    path = tmp_path / "z.png"
    draw(runs, regressions(runs), path)
    assert imread(path).shape[1] > 1000
    panels = [axes for axes in drawn[0].axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["z-peak: chi2/ndf", "z-peak: m_Z (GeV)"]
    lines = {line.get_label(): list(line.get_ydata()) for line in panels[1].get_lines()}  # type: ignore[arg-type]
    assert lines["local"] == [91.2, 91.4]
    assert lines["nyu"] == [91.21, 91.23]
    assert [91.4] in [list(line.get_ydata()) for line in panels[1].get_lines()]  # type: ignore[arg-type]
    corners = np.asarray(panels[1].collections[0].get_paths()[0].vertices)
    assert sorted(set(corners[:, 1].round(6).tolist())) == [91.1, 91.3]


@pytest.mark.parametrize("name", ["z.pdf", "z", "z.png.txt"])
def test_only_a_png_is_drawn(tmp_path: Path, name: str) -> None:
    with pytest.raises(SslabError, match=r"is not the name of a PNG file; end it in \.png"):
        draw([record()], (), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_nothing_and_too_much_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SslabError, match="there is no number to draw"):
        draw([record(None)], (), tmp_path / "z.png")
    many = tuple(value(91.2, check=f"n{index}") for index in range(MOST_PANELS + 1))
    with pytest.raises(SslabError, match="are too many for one picture"):
        draw([record(values=many)], (), tmp_path / "z.png")
