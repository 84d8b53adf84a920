"""What a build needs of the machine's network settings, without any of it in the image.

The machine's certificate bundle and a pip configuration are bind-mounted while a build runs.
Build arguments and `--env` would not do: both can be read from the finished image. Proxies
(`https_proxy` and the like) are handed on by buildah itself, which does not keep them.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian and the Python images of Docker Hub keep the bundle that programs use."""

PIP_CONFIGURATION = "/etc/pip.conf"

NPM_CONFIGURATION = "/root/.npmrc"
"""Where npm looks for root's own settings, as whom images are built."""

_BUNDLE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_BUNDLE_FILES = (CERTIFICATES, "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_NPM_OPTIONS = ("registry", "proxy", "https-proxy", "noproxy")
_PIP_OPTIONS = (
    *("index-url", "extra-index-url", "trusted-host"),
    *("proxy", "timeout", "default-timeout", "retries"),
)


def certificate_bundle(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file of certificates that this machine's programs trust, if there is one."""
    named = [environment[variable] for variable in _BUNDLE_VARIABLES if environment.get(variable)]
    return next((Path(file) for file in (*named, *_BUNDLE_FILES) if Path(file).is_file()), None)


def pip_configuration(environment: Mapping[str, str] = os.environ) -> str:
    """Return a pip.conf with this machine's package index, proxy and time limits.

    They are taken as pip takes them: from its configuration files, then from `PIP_*` variables.
    """
    home = Path(environment.get("HOME", "/nonexistent"))
    files = [Path(PIP_CONFIGURATION), home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        files.append(Path(environment["PIP_CONFIG_FILE"]))
    found = configparser.RawConfigParser(strict=False)
    found.read(files)
    wanted = {"cert": CERTIFICATES, "disable-pip-version-check": "true"}
    for option in _PIP_OPTIONS:
        for section in ("global", "install"):
            wanted[option] = found.get(section, option, fallback=wanted.get(option, ""))
        variable = f"PIP_{option.upper().replace('-', '_')}"
        wanted[option] = environment.get(variable, wanted[option])
    written = configparser.RawConfigParser()
    written["global"] = {option: value for option, value in wanted.items() if value}
    text = StringIO()
    written.write(text)
    return text.getvalue()


def npm_configuration(environment: Mapping[str, str] = os.environ) -> str:
    """Return an npmrc with this machine's registry, its credentials there, and its proxy.

    They are taken as npm takes them: from the machine's and the user's file, then from
    `npm_config_*` variables.
    """
    home = Path(environment.get("HOME", "/nonexistent"))
    wanted = {"cafile": CERTIFICATES}
    for file in (Path("/etc/npmrc"), home / ".npmrc"):
        for line in file.read_text().splitlines() if file.is_file() else ():
            name, equals, value = (part.strip() for part in line.partition("="))
            if equals and (name in _NPM_OPTIONS or name.startswith("//")):
                wanted[name] = value
    for name in _NPM_OPTIONS:
        variable = f"npm_config_{name.replace('-', '_')}"
        wanted[name] = environment.get(variable, wanted.get(name, ""))
    return "".join(f"{name}={value}\n" for name, value in wanted.items() if value)


def npm_volumes(folder: Path) -> list[str]:
    """Return the volume by which npm works in a build as on this machine, written to `folder`."""
    file = folder / "npmrc"
    file.touch(mode=0o600)
    file.write_text(npm_configuration())
    return [f"{file}:{NPM_CONFIGURATION}:ro"]
