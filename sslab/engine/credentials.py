"""Making the credentials that a laboratory needs, by their recipes."""

from __future__ import annotations

import secrets
import subprocess

from sslab.catalogue.secrets import Authority, Recipe
from sslab.engine.errors import EngineError

YEARS = 10


def made(recipe: Recipe | Authority) -> str:
    """Return a new credential. Raises EngineError where OpenSSL is needed and not there."""
    if isinstance(recipe, Recipe):
        return "".join(secrets.choice(recipe.alphabet) for _ in range(recipe.length))
    return _authority(recipe.name)


def _authority(name: str) -> str:
    """Return a private key and its self-signed certificate, one PEM text after the other."""
    command = (
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-sha256", "-days", str(YEARS * 365), "-subj", f"/CN={name}"),
        *("-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign"),
        # to standard output: the key is never in a file
        *("-keyout", "-", "-out", "-"),
    )
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise EngineError(
            "openssl, which makes the certificate authority of a k3s cluster, is not installed",
            remedy="install it (on Debian and Ubuntu: apt-get install openssl)",
        ) from None
    if done.returncode != 0 or done.stdout.count("-----BEGIN ") != 2:
        raise EngineError(
            f"openssl made no certificate authority: {done.stderr.strip()[-400:]}",
            remedy="OpenSSL 1.1.1 or newer is needed; `openssl version` shows which it is",
        )
    return done.stdout
