from __future__ import annotations

import time
from pathlib import Path

import pytest

from sslab.cluster import answering
from sslab.cluster.access import ClusterAccess
from sslab.cluster.answering import require_answer
from sslab.cluster.errors import ClusterError


def asked(tmp_path: Path, script: str, context: str | None = "ssl-nyu") -> None:
    program, config = tmp_path / "kubectl", tmp_path / "config"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/call\n{script}\n')
    program.chmod(0o755)
    config.touch()
    require_answer("nyu", ClusterAccess(config, context), [program, f"--kubeconfig={config}"])


def test_a_cluster_that_answers_is_fine_and_is_given_seconds(tmp_path: Path) -> None:
    asked(tmp_path, "echo '{}'")
    call = (tmp_path / "call").read_text()
    assert call.startswith(
        f"--kubeconfig={tmp_path}/config get --raw /version --request-timeout=5s"
    )


# as kubectl says it
@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ('error: context "ssl-nyu" does not exist', "cluster.context"),
        (
            "error: You must be logged in to the server (Unauthorized)",
            "wrong or have expired",
        ),
        (
            'Unable to connect to the server: getting credentials: exec: executable x failed',
            "wrong or have expired",
        ),
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate "
            "signed by unknown authority",
            "of another cluster",
        ),
        (
            "The connection to the server 192.0.2.1:6443 was refused - did you specify the right "
            "host or port?",
            "whether the cluster runs",
        ),
        (
            "Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded "
            "while awaiting headers)",
            "whether the cluster runs",
        ),
    ],
)  # fmt: skip
def test_each_failure_has_its_remedy(tmp_path: Path, said: str, remedy: str) -> None:
    with pytest.raises(ClusterError) as raised:
        asked(tmp_path, f"echo 'E1125 memcache.go: {said}' >&2\necho '{said}' >&2\nexit 1")
    assert f"the cluster of nyu (kubeconfig {tmp_path}/config, context ssl-nyu)" in str(
        raised.value
    )
    assert said in raised.value.message
    assert "memcache" not in raised.value.message
    assert remedy in str(raised.value.remedy)


def test_a_kubeconfig_that_is_not_there_is_said_without_asking(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="there is no such file"):
        require_answer("nyu", ClusterAccess(tmp_path / "none", None), [tmp_path / "kubectl"])


def test_a_login_that_hangs_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "LOGIN_S", 1)
    started = time.monotonic()
    with pytest.raises(ClusterError, match="has not answered in 1 s"):
        asked(tmp_path, "exec sleep 30", context=None)
    assert time.monotonic() - started < 10
