"""What the page of the notebooks says of settings and of the site file holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from patterns.notebooks.settings import Settings
from sslab.site.diagnostics import as_text
from sslab.site.loading import validate

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/patterns/notebooks.md").read_text(encoding="utf-8")
SITE = ROOT / "sites/local.yaml"


def samples() -> list[Any]:
    return [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def told(folder: Path, site: dict[str, Any]) -> str:
    """Return what is wrong with a site, one diagnostic a line."""
    file = folder / "local.yaml"
    file.write_text(yaml.safe_dump(site), encoding="utf-8")
    return as_text(validate([file], ROOT)[1])


def test_this_machine_takes_the_samples(tmp_path: Path) -> None:
    first, second = samples()
    site = yaml.safe_load(SITE.read_text(encoding="utf-8"))
    here = site | first | {"patterns": site["patterns"] | first["patterns"]}
    assert told(tmp_path, here) == ""
    larger = here | {"storage": {**site["storage"], "capacity": "600Gi"}}
    assert told(tmp_path, larger | {"patterns": here["patterns"] | second["patterns"]}) == ""


def test_the_table_has_every_setting_and_its_default() -> None:
    section = PAGE.split("## Settings")[1]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE))
    assert list(rows) == list(Settings.model_fields)
    known = Settings()
    other = {name: text for name, text in rows.items() if str(getattr(known, name)) != text}
    assert other == {"profiles": "one, `small`", "storage_class": "the site's"}
    assert [each.name for each in known.profiles] == ["small"]
