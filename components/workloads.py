"""What every pod of the laboratory has in common: no privilege, and a filesystem to read only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    LocalObjectReferenceArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecretKeySelectorArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from sslab.catalogue.quantity import bytes_text, cores_text, parse_quantity

USER = 65532
"""The user and group id of every pod: the one that images/ prepare."""


@dataclass(frozen=True, kw_only=True)
class HouseRules:
    """What a site asks of every pod.

    `limits_over_requests_percent` is how far a limit may be above its request, in percent of it;
    None: as far as one likes. `pull_secret` names the Secret with the credentials of the images'
    registry, which the site keeps in each namespace.
    """

    limits_over_requests_percent: int | None = None
    pull_secret: str | None = None

    def limits(self, requests: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
        """Return the wanted limits of `cpu` and `memory`, lowered to what the site allows."""
        percent = self.limits_over_requests_percent
        if percent is None:
            return dict(wanted)
        allowed = {
            unit: parse_quantity(request) * (100 + percent) / 100
            for unit, request in requests.items()
        }
        return {
            unit: limit if parse_quantity(limit) <= allowed[unit] else _rounded(unit, allowed[unit])
            for unit, limit in wanted.items()
        }


def _rounded(unit: str, amount: Fraction) -> str:
    """Return a quantity that is no more than the amount: whole thousandths of a core, or bytes."""
    if unit == "cpu":
        return cores_text(Fraction(int(amount * 1000), 1000))
    return bytes_text(Fraction(int(amount)))


def labels(name: str) -> dict[str, str]:
    """Return the labels that find the pods of `name`."""
    return {"app.kubernetes.io/name": name}


def resources(
    house: HouseRules,
    cpu: str,
    memory: str,
    cpu_limit: str | None = None,
    devices: Mapping[str, str] | None = None,
) -> ResourceRequirementsArgs:
    """Return requests of so much, and limits of the same memory and of `cpu_limit` CPU.

    The limit is lower where the site's rules are. `devices` are accelerators by their resource.
    """
    requests = {"cpu": cpu, "memory": memory}
    wanted = {"cpu": cpu_limit or cpu, "memory": memory}
    limits = house.limits(requests, wanted)
    whole = dict(devices or {})
    return ResourceRequirementsArgs(requests=requests | whole, limits=limits | whole)


def literal(values: Mapping[str, pulumi.Input[str]]) -> list[EnvVarArgs]:
    """Return environment variables with plain values; never for a secret."""
    return [EnvVarArgs(name=name, value=value) for name, value in values.items()]


def from_secret(secret: pulumi.Input[str], keys: Mapping[str, str]) -> list[EnvVarArgs]:
    """Return environment variables that Kubernetes fills from a Secret: variable to key."""
    return [
        EnvVarArgs(
            name=name,
            value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=secret, key=key)),
        )
        for name, key in keys.items()
    ]


def probe(path: str, port: int, *, period_s: int, failures: int, successes: int = 1) -> ProbeArgs:
    """Return an HTTP probe; so many answers in a row decide, one each `period_s`."""
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port=port),
        period_seconds=period_s,
        failure_threshold=failures,
        success_threshold=successes,
        timeout_seconds=5,
    )


def container(
    name: str,
    image: str,
    requirements: ResourceRequirementsArgs,
    *,
    args: Sequence[pulumi.Input[str]] = (),
    env: Sequence[EnvVarArgs] = (),
    ports: Mapping[str, int] | None = None,
    mounts: Sequence[VolumeMountArgs] = (),
    startup: ProbeArgs | None = None,
    readiness: ProbeArgs | None = None,
    liveness: ProbeArgs | None = None,
) -> ContainerArgs:
    """Return a container as Pod Security `restricted` wants it, that writes only to /tmp.

    One that fails its startup probe for long is started again, with its Secrets read anew.
    """
    return ContainerArgs(
        name=name,
        image=image,
        image_pull_policy="IfNotPresent",
        args=list(args),
        env=list(env),
        ports=[
            ContainerPortArgs(name=port_name, container_port=number)
            for port_name, number in (ports or {}).items()
        ],
        resources=requirements,
        startup_probe=startup,
        readiness_probe=readiness,
        liveness_probe=liveness,
        volume_mounts=[VolumeMountArgs(name="tmp", mount_path="/tmp"), *mounts],
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
        ),
    )


def explains(container: ContainerArgs) -> ContainerArgs:
    """Let the last lines of its log be what `kubectl describe` and Pulumi say of a failed pod."""
    container.termination_message_policy = "FallbackToLogsOnError"
    return container


def pod(
    house: HouseRules,
    name: str,
    containers: Sequence[ContainerArgs],
    *,
    first: Sequence[ContainerArgs] = (),
    volumes: Sequence[VolumeArgs] = (),
    service_account: pulumi.Input[str] | None = None,
    restart_policy: str = "Always",
    secrets: Sequence[pulumi.Input[str]] = (),
    grace_s: int = 10,
) -> PodTemplateSpecArgs:
    """Return a pod template. A changed value among `secrets` makes new pods.

    The containers of `first` run before the others, one after another.

    The API token is mounted only where a service account is named.
    """
    annotations = {"ssl/secrets": _fingerprint(secrets)} if secrets else {}
    return PodTemplateSpecArgs(
        metadata=ObjectMetaArgs(labels=labels(name), annotations=annotations),
        spec=PodSpecArgs(
            init_containers=list(first) or None,
            containers=list(containers),
            volumes=[
                VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit="256Mi")),
                *volumes,
            ],
            image_pull_secrets=[LocalObjectReferenceArgs(name=house.pull_secret)]
            if house.pull_secret
            else None,
            restart_policy=restart_policy,
            service_account_name=service_account,
            automount_service_account_token=service_account is not None,
            enable_service_links=False,
            termination_grace_period_seconds=grace_s,
            security_context=PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER,
                run_as_group=USER,
                fs_group=USER,
                seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
            ),
        ),
    )


def _fingerprint(secrets: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
    """Return a hash that changes with the secrets and does not tell them: they are 200 bits."""

    def digest(values: Sequence[str]) -> str:
        return hashlib.sha256("\0".join(values).encode()).hexdigest()[:16]

    return pulumi.Output.unsecret(pulumi.Output.all(*secrets).apply(digest))
