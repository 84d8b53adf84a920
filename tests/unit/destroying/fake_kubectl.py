"""A kubectl that reads a cluster from the file that CLUSTER names: a list of objects as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

words = [word for word in sys.argv[1:] if not word.startswith("--")]
options = dict(
    word.removeprefix("--").partition("=")[::2] for word in sys.argv[1:] if word.startswith("--")
)
cluster = json.loads(Path(os.environ["CLUSTER"]).read_text())
if words[0] == "version":
    if cluster is None:
        sys.exit("Unable to connect to the server")
elif words[0] == "api-resources":
    kinds = {each["kind"].lower() for each in cluster if "namespace" in each["metadata"]}
    print("\n".join(sorted(kinds)))
elif words[1] == "persistentvolumes" and os.environ.get("FORBIDDEN"):
    sys.exit("Error from server (Forbidden): persistentvolumes is forbidden")
else:
    wanted = {kind.partition(".")[0].rstrip("s").lower() for kind in words[1].split(",")}
    found = [
        each
        for each in cluster
        if each["kind"].lower() in wanted
        and options.get("namespace") in (None, each["metadata"].get("namespace"))
        and (not words[2:] or each["metadata"]["name"] in words[2:])
    ]
    print(json.dumps(found[0] if len(found) == 1 and words[2:] else {"items": found}))
