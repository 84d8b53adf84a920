"""The credentials of a deployment: only what is set, contents in private files, nothing made up."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from sslab.deploy.credentials import environment, require_committed, require_memory
from sslab.errors import SslabError
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]


def test_what_is_empty_is_left_out_and_contents_become_private_files(tmp_path: Path) -> None:
    given = {
        "KUBECONFIG": "apiVersion: v1\n\n",
        "CLOUDS_YAML": "",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "AWS_ACCESS_KEY_ID": "id",
        "PATH": "/bin",
    }
    found = environment(given, tmp_path / "private")
    assert found == {"AWS_ACCESS_KEY_ID": "id", "KUBECONFIG": str(tmp_path / "private/kubeconfig")}
    path = Path(found["KUBECONFIG"])
    assert path.read_text() == "apiVersion: v1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "variable", "fine"),
    [
        ("", "", False),
        ("", "s3://states", True),
        ("s3://states", "", True),
        ("s3://states", "file:///tmp/x", False),
    ],
)
def test_a_state_that_would_be_gone_is_refused(
    tmp_path: Path, url: str, variable: str, fine: bool
) -> None:
    project = {"name": "ssl"} | ({"backend": {"url": url}} if url else {})
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    require_memory(tmp_path, {"RUNNER_ENVIRONMENT": "self-hosted"})
    given = {"RUNNER_ENVIRONMENT": "github-hosted", "PULUMI_BACKEND_URL": variable}
    if fine:
        require_memory(tmp_path, given)
    else:
        with pytest.raises(SslabError, match=r"gone after the job; name a place .* Pulumi\.yaml"):
            require_memory(tmp_path, given)


def test_credentials_have_to_be_in_git(tmp_path: Path) -> None:
    site = load_site(ROOT / "sites/chicago.yaml")
    with pytest.raises(SslabError) as caught:
        require_committed(tmp_path, site, {})
    assert "stacks/Pulumi.chicago.yaml lacks s3-admin-access-key, " in str(caught.value)
    assert "`sslab secrets init chicago`; then commit stacks/Pulumi.chicago.yaml" in str(
        caught.value
    )
    keys = [
        f"ssl:s3-{name}-{kind}-key"
        for name in ("admin", "fitting-service", "z-peak")
        for kind in ("access", "secret")
    ]
    (tmp_path / "stacks").mkdir()
    file = tmp_path / "stacks/Pulumi.chicago.yaml"
    file.write_text(yaml.safe_dump({"config": {key: {"secure": "v1:x"} for key in keys}}))
    require_committed(tmp_path, site, {})
    file.write_text("a: [")
    with pytest.raises(SslabError, match="cannot be read"):
        require_committed(tmp_path, site, {})
