"""What a cluster that the laboratory has made gives to the layers on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.buckets import Credentials
from sslab.catalogue.secrets import bucket_keys
from sslab.site.substrate import LoadBalancing


@dataclass(frozen=True, kw_only=True)
class FileServer:
    """A server of shared files: the protocol, and what a pod mounts."""

    protocol: str
    server: pulumi.Output[str]
    path: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class ClusterOutputs:
    """A cluster of ours, the same for every cloud.

    `kubeconfig` is a secret, known once nodes are there. `address` is where *.<domain> has to
    point, None where the cloud's balancer chooses one later; `balancing` takes the place of the
    site's load balancing where the cluster leads traffic in by itself. `credentials` has the key
    pair of each bucket that the cloud has made.
    """

    kubeconfig: pulumi.Output[str]
    address: pulumi.Output[str] | None
    balancing: LoadBalancing | None
    credentials: Mapping[str, Credentials]
    file_server: FileServer | None
    cloud_config: pulumi.Output[str] | None = None

    def by_name(self) -> dict[str, pulumi.Output[str]]:
        """Return what whoever uses the cluster needs of it, by the names of the stack's outputs."""
        named = {"kubeconfig": self.kubeconfig}
        if self.address is not None:
            named["address"] = self.address
        if self.file_server is not None:
            server = self.file_server
            named["file-server"] = pulumi.Output.concat(server.server, ":", server.path)
        for bucket, credentials in self.credentials.items():
            access_key, secret_key = bucket_keys(bucket)
            named |= {access_key: credentials.access_key, secret_key: credentials.secret_key}
        return named


def text(output: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return an output as text: empty where a cloud has not said it, as in a plan."""
    return output.apply(lambda value: value or "")
