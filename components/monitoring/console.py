"""The dashboard that Prometheus serves itself: a page of its console templates.

The numbers are written by Prometheus, the graphs drawn by the scripts of Debian's package.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from components.monitoring.panels import Panel, Unit, panels
from components.monitoring.watched import Watched

STATIC = "{{ pathPrefix }}/classic/static"
STYLES = ("rickshaw/rickshaw.min.css", "css/prom_console.css")
SCRIPTS = (
    "d3/d3.min.js",
    "rickshaw/rickshaw.min.js",
    "jquery/jquery.min.js",
    "js/prom_console.js",
)


@dataclass(frozen=True)
class Form:
    """How a value is written: by an action of the templates, and by a function of the graphs."""

    number: str
    graph: str
    suffix: str = ""


_PLAIN = '{{ if lt .Value 1.0 }}{{ printf "%.3g" .Value }}{{ else }}{{ humanize .Value }}{{ end }}'
FORMS: Mapping[Unit, Form] = {
    "number": Form(_PLAIN, "humanizeNoSmallPrefix"),
    "part": Form("{{ humanizePercentage .Value }}", "humanizeNoSmallPrefix"),
    "seconds": Form("{{ humanizeDuration .Value }}", "humanize", "s"),
    "bytes": Form("{{ humanize1024 .Value }}B", "humanize1024", "B"),
    "per second": Form(f"{_PLAIN}/s", "humanizeNoSmallPrefix", "/s"),
}


def page(watched: Watched) -> str:
    """Return the template of the page."""
    shown = (_panel(number, panel) for number, panel in enumerate(panels(watched)))
    styles = (f'<link rel="stylesheet" href="{STATIC}/{path}">' for path in STYLES)
    scripts = (f'<script src="{STATIC}/{path}"></script>' for path in SCRIPTS)
    return _PAGE.substitute(
        title=html.escape(f"SSL laboratory {watched.laboratory}"),
        styles="\n".join(styles),
        scripts="\n".join(scripts),
        alerts=watched.series("ALERTS"),
        panels="\n".join(shown),
    )


def _panel(number: int, panel: Panel) -> str:
    form = FORMS[panel.unit]
    return _PANEL.substitute(
        title=html.escape(panel.title),
        expr=panel.expr,
        label=panel.label,
        value=form.number,
        graph=form.graph,
        suffix=form.suffix,
        number=number,
    )


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title</title>
$styles
<script>var PATH_PREFIX = "{{ pathPrefix }}";</script>
$scripts
<style>
body { font-family: sans-serif; margin: 1em 2em; }
section { display: inline-block; vertical-align: top; width: 44em; margin: 0 2em 1em 0; }
td { padding-right: 2em; }
.firing { color: #b00; }
</style>
</head>
<body>
<h1>$title</h1>
<p><a href="{{ pathPrefix }}/classic/graph">Ask for more</a>,
<a href="{{ pathPrefix }}/classic/alerts">alerts</a>,
<a href="{{ pathPrefix }}/classic/targets">targets</a></p>
<section>
<h2>Alerts</h2>
<table>
{{ range query `$alerts` | sortByLabel "alertname" }}\
<tr class="{{ .Labels.alertstate }}"><td>{{ .Labels.alertname }}</td>\
<td>{{ .Labels.job }}</td><td>{{ .Labels.alertstate }}</td></tr>
{{ else }}<tr><td>none</td></tr>
{{ end }}</table>
</section>
$panels
</body>
</html>
""")

_PANEL = Template("""\
<section>
<h2><a href="{{ pathPrefix }}/classic{{ graphLink `$expr` }}">$title</a></h2>
<table>
{{ range query `$expr` | sortByLabel "$label" }}\
<tr><td>{{ .Labels.$label }}</td><td>$value</td></tr>
{{ else }}<tr><td>nothing measured yet</td></tr>
{{ end }}</table>
<div id="graph-$number"></div>
<script>
new PromConsole.Graph({
  node: document.querySelector("#graph-$number"),
  expr: {{ `$expr` }},
  name: "[[$label]]",
  yAxisFormatter: PromConsole.NumberFormatter.$graph,
  yHoverFormatter: PromConsole.NumberFormatter.$graph,
  yUnits: "$suffix",
  height: 160,
});
</script>
</section>""")
