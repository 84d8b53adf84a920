"""The dashboard for Grafana."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.monitoring.panels import Panel, Unit, panels
from components.monitoring.watched import Watched

SCHEMA = 36
"""The version of the format: Grafana 9 and later read it."""

UNITS: Mapping[Unit, str] = {
    "number": "short",
    "part": "percentunit",
    "seconds": "s",
    "bytes": "bytes",
    "per second": "reqps",
}
WIDTH, HEIGHT, COLUMNS = 12, 8, 2
SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard(watched: Watched) -> str:
    """Return the dashboard as JSON; which Prometheus it asks is chosen in it."""
    name = f"ssl-{watched.laboratory}"
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    shown = [_panel(number, panel) for number, panel in enumerate(panels(watched))]
    document = {
        "uid": name,
        "title": f"SSL laboratory {watched.laboratory}",
        "tags": ["ssl"],
        "schemaVersion": SCHEMA,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": shown,
    }
    return json.dumps(document, indent=1)


def _panel(number: int, panel: Panel) -> Mapping[str, Any]:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": UNITS[panel.unit], "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": "A",
                "datasource": SOURCE,
                "expr": panel.expr,
                "legendFormat": f"{{{{{panel.label}}}}}",
            }
        ],
    }
