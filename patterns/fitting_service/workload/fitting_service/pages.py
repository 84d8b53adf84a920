"""The landing page, for people who open the service's address in a browser."""

from html import escape
from string import Template

_LANDING = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fitting service</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem;
       color: #1c2733; background: #fff; }
h1 { font-size: 1.6rem; margin-bottom: .25rem; }
pre { background: #f1f4f7; padding: 1rem; border-radius: .4rem; overflow-x: auto; }
a { color: #0b5cad; }
</style>
</head>
<body>
<h1>Fitting service</h1>
<p>Send a HistFactory workspace (the JSON in which physicists exchange a statistical model and its
data) and get back how well the data agree with the signal it looks for: observed and expected
CLs, and 95% upper limits. Computed by pyhf $pyhf_version, kept in object storage by content.</p>
<p>Try it with pyhf's two-bin example; <code>cls_obs</code> is 0.0525:</p>
<pre>curl -s ${base}v1/example |
  curl -s --data-binary @- ${base}v1/fits</pre>
<p><a href="docs">API page</a> · <a href="openapi.json">OpenAPI document</a> ·
<a href="v1/example">example workspace</a> · <a href="metrics">metrics</a> ·
<a href="readyz">readiness</a></p>
</body>
</html>
""")


def landing_page(base_url: str, pyhf_version: str) -> str:
    """The page as HTML; ``base_url`` is the address it was asked at, with a final slash."""
    return _LANDING.substitute(base=escape(base_url), pyhf_version=escape(pyhf_version))
