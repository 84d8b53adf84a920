"""The environment in which Pulumi runs for a site; `sslab env` prints it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from sslab.cluster.access import embedded, kubeconfig
from sslab.engine import state
from sslab.engine.locks import this_user
from sslab.paths import state_dir
from sslab.site.model import Site
from sslab.toolchain import found, sites
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import ENGINE, Program

PROVIDER = ENGINE[2]


def environment(site: Site, toolchain: Toolchain) -> dict[str, str]:
    """Return the variables that `pulumi up -s <site>` needs, beside those of the shell.

    A passphrase that the user has set stays as it is, except for the embedded cluster. Raises
    EngineError where what is set for the state cannot be an address.
    """
    folder = state_dir()
    paths, _ = found.engine(toolchain)
    own_engine = paths["pulumi"].is_relative_to(toolchain.cache)
    pulumi = engine_folder(folder) if own_engine else paths["pulumi"].parent
    folders = dict.fromkeys((str(pulumi), str(Path(sys.executable).parent)))
    kubectl = found.cluster(toolchain)[0]["kubectl"]
    if kubectl.exists():
        folders[str(kubectl.parent)] = None
    place = state.place(site, toolchain.sources.parent)
    own = {
        "PULUMI_BACKEND_URL": place.url,
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH", "")]),
        "PULUMI_HOME": str(folder / "pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # the policy pack writes its port without flushing it, and Pulumi waits for that for ever
        "PYTHONUNBUFFERED": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # the history has a message and no name of who deployed
        "PULUMI_OPTION_MESSAGE": f"{this_user()}@{socket.gethostname()}",
    }
    if embedded(site):
        own["KUBECONFIG"] = str(kubeconfig(site).kubeconfig)
    if (
        embedded(site)
        or not {
            "PULUMI_CONFIG_PASSPHRASE",
            "PULUMI_CONFIG_PASSPHRASE_FILE",
        }
        & os.environ.keys()
    ):
        own["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file(site))
    return own


def passphrase_file(site: Site) -> Path:
    """Return the file with the passphrase that encrypts the site's secrets on this machine."""
    return state_dir() / "passphrases" / site.name


def prepare(site: Site, toolchain: Toolchain, *, encrypted: bool = False) -> dict[str, str]:
    """Lay the plugins and the passphrase where Pulumi looks for them; return the whole environment.

    The passphrase is made once, readable by its owner alone; where the stack is `encrypted`
    already, no other one would do.
    """
    own = environment(site, toolchain)
    (state_dir() / "stacks").mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrase = passphrase_file(site)
    is_ours = own.get("PULUMI_CONFIG_PASSPHRASE_FILE") == str(passphrase)
    if is_ours and not encrypted and not passphrase.exists():
        passphrase.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(32) + "\n")
    paths, _ = found.engine(toolchain)
    if paths["pulumi"].is_relative_to(toolchain.cache):
        _lay_engine(toolchain, engine_folder(state_dir()))
    for program in (PROVIDER, *sites.plugins(site)):
        _lay_plugin(program, toolchain, Path(own["PULUMI_HOME"]))
    return _merged(own)


def _merged(own: Mapping[str, str]) -> dict[str, str]:
    """Return the shell's environment with ours over it, and no passphrase beside the file."""
    merged = {**os.environ, **own}
    if "PULUMI_CONFIG_PASSPHRASE_FILE" in own:
        merged.pop("PULUMI_CONFIG_PASSPHRASE", None)
    return merged


def engine_folder(folder: Path) -> Path:
    """Return the folder in which the engine and its language host lie side by side."""
    return folder / "pulumi" / "bin"


def _lay_engine(toolchain: Toolchain, folder: Path) -> None:
    """Copy the engine and its language host into one folder, where the one expects the other."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in ENGINE[:2]:
        for source in toolchain.folder(program).glob("pulumi*"):
            target = folder / source.name
            if target.exists() and _same(source, target):
                continue
            partial = folder / f".{source.name}.{os.getpid()}"
            shutil.copy2(source, partial)
            partial.replace(target)


def _same(one: Path, other: Path) -> bool:
    first, second = one.stat(), other.stat()
    return (first.st_size, int(first.st_mtime)) == (second.st_size, int(second.st_mtime))


def _lay_plugin(program: Program, toolchain: Toolchain, home: Path) -> None:
    """Link a provider into Pulumi's plugin folder, as `pulumi plugin install` lays it."""
    binary = found.plugin(toolchain, program)
    folder = found.plugin_folder(program, program.version(toolchain.sources))
    link = home / "plugins" / folder / program.name
    if link.is_symlink() and link.readlink() == binary:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(binary)
