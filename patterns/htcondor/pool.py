"""The pool that the workers join: the site's own, or one of the laboratory's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.batch import PORTS
from components.place import Place
from sslab.errors import SslabError

ATTRIBUTE = "SSLNamespace"
"""What the workers say of themselves in the pool: the namespace that they are in."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Where a pool's collector is, a host and a TCP port, and the secret that opens it.

    `key` is what the chart calls the secret, `folder` where it mounts it.
    """

    host: pulumi.Output[str]
    port: int
    secret: pulumi.Output[str]
    key: str
    folder: str
    is_own: bool

    def security(self, folder: str) -> Mapping[str, str]:
        """Return HTCondor's settings by which one proves, with the secret, to be of the pool."""
        shared = {
            "SEC_DEFAULT_AUTHENTICATION": "REQUIRED",
            "SEC_DEFAULT_ENCRYPTION": "REQUIRED",
            "SEC_DEFAULT_INTEGRITY": "REQUIRED",
        }
        if self.is_own:
            return {
                **shared,
                "SEC_DEFAULT_AUTHENTICATION_METHODS": "FS, PASSWORD",
                "SEC_PASSWORD_FILE": f"{folder}/{self.key}",
                "ALLOW_DAEMON": "condor_pool@*",
                "ALLOW_NEGOTIATOR": "condor_pool@*",
            }
        return {
            **shared,
            "SEC_DEFAULT_AUTHENTICATION_METHODS": "FS, IDTOKENS",
            "SEC_TOKEN_DIRECTORY": folder,
            "SEC_TOKEN_SYSTEM_DIRECTORY": folder,
        }

    def configuration(self, namespace: pulumi.Output[str]) -> pulumi.Output[str]:
        """Return the file with the settings of a worker: one slot that jobs divide.

        Pods have one machine's name where they share a node, so each is called by its own. What is
        behind the cluster's network is reached through the collector (CCB).
        """
        lines = pulumi.Output.all(self.host, namespace).apply(
            lambda known: {
                "START": "TRUE",
                "SUSPEND": "FALSE",
                "PREEMPT": "FALSE",
                "KILL": "FALSE",
                "NUM_SLOTS": "1",
                "NUM_SLOTS_TYPE_1": "1",
                "SLOT_TYPE_1": "100%",
                "SLOT_TYPE_1_PARTITIONABLE": "TRUE",
                "STARTD_NAME": "$ENV(HOSTNAME)",
                "CCB_ADDRESS": f"{known[0]}:{self.port}",
                ATTRIBUTE: f'"{known[1]}"',
                "STARTD_ATTRS": f"$(STARTD_ATTRS) {ATTRIBUTE}",
                **self.security(self.folder),
            }
        )
        return lines.apply(
            lambda known: "".join(f"{key} = {value}\n" for key, value in known.items())
        )


def pool(name: str, place: Place) -> Pool:
    """Return the site's pool where it has one that is reached, or else the laboratory's.

    Raises SslabError where the site has given no token for its pool.
    """
    system = next((each for each in place.batch if each.kind == "htcondor"), None)
    if system is None:
        domain = place.cluster_domain
        return Pool(
            host=pulumi.Output.concat(name, ".", place.namespace, ".svc.", domain),
            port=PORTS["htcondor"],
            secret=place.passwords["pool"],
            key="condor_password",
            folder="/etc/condor",
            is_own=True,
        )
    if system.token is None:
        raise SslabError(
            f"{name}: the workers join the pool of {system.host}, and there is no token for it",
            remedy="`sslab secrets set SITE batch-htcondor-token` takes what `condor_token_create` "
            "made there",
        )
    return Pool(
        host=pulumi.Output.from_input(system.host),
        port=system.port,
        # HTCondor reads a token to the end of its line
        secret=system.token.apply(lambda known: known.strip() + "\n"),
        key="condor_token",
        folder="/root/tokens",
        is_own=False,
    )
