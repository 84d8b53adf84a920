"""The notebooks: JupyterHub, the proxy in front of it, and what its users' pods are made of."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    Secret,
    SecretInitArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import accounts, serving, workloads
from components.analysis import FOLDER
from components.place import PatternComponent, Place
from patterns.notebooks import rights
from patterns.notebooks.hub_settings import CALLBACK, hub_settings
from patterns.notebooks.settings import Settings
from patterns.sources import sources

PACKAGE = "notebooks"
EXAMPLE = Path(__file__).with_name("two_bins.ipynb")
PROXY_PORT, API_PORT, HUB_PORT = 8000, 8001, 8081
SIZE = "1Gi"
"""What the contract says: the hub's database takes some MB."""

SERVERS = "ssl/servers"
"""The annotation that tells what the hub's servers take together, at most."""


class Notebooks(pulumi.ComponentResource):
    """A hub that logs users in and makes a pod for each, and the proxy that leads to the pods."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:Notebooks", name, None, opts)
        if place.identity is None:  # placement has refused such a site already
            raise ValueError(f"{name} needs the site's login")
        self._name = name
        self._settings = settings
        self._place = place
        self._client = place.identity.client
        self._child = pulumi.ResourceOptions(parent=self)
        self._callback = place.identity.redirect_url(name, CALLBACK)
        self._proxy_name, self._hub_name = f"{name}-proxy", f"{name}-hub"
        self._secret = self._secrets()
        self._proxy()
        self._hub()
        self.register_outputs({})

    def _secrets(self) -> Secret:
        passwords = self._place.passwords
        return Secret(
            self._name,
            SecretInitArgs(
                metadata=self._metadata(self._name),
                string_data={
                    "client": self._client.client_secret,
                    **{each: passwords[each] for each in ("cookie", "proxy", "check")},
                },
            ),
            opts=self._child,
        )

    def _proxy(self) -> None:
        """Run the proxy, which goes on while the hub is away."""
        name, house = self._name, self._place.house
        container = workloads.container(
            "proxy",
            self._place.image,
            workloads.resources(house, "50m", "128Mi", cpu_limit="1"),
            args=[
                "configurable-http-proxy",
                f"--port={PROXY_PORT}",
                "--api-ip=0.0.0.0",
                f"--api-port={API_PORT}",
                f"--default-target=http://{self._hub_name}:{HUB_PORT}",
                f"--error-target=http://{self._hub_name}:{HUB_PORT}/hub/error",
                "--log-level=warn",
            ],
            env=workloads.from_secret(
                self._secret.metadata.name, {"CONFIGPROXY_AUTH_TOKEN": "proxy"}
            ),
            ports={"http": PROXY_PORT, "api": API_PORT},
            readiness=workloads.probe("/_chp_healthz", PROXY_PORT, period_s=1, failures=60),
            liveness=workloads.probe("/_chp_healthz", PROXY_PORT, period_s=20, failures=6),
        )
        own = self._proxy_name
        pod = workloads.pod(house, own, [container], secrets=[self._place.passwords["proxy"]])
        metadata = self._metadata(own, workloads.labels(own))
        # routes are known to one proxy alone
        serving.deployment(own, metadata, pod, self._child, alone=True)
        service = serving.service(own, metadata, "http", PROXY_PORT, self._child)
        serving.service(
            f"{own}-api",
            self._metadata(f"{own}-api", workloads.labels(own)),
            "api",
            API_PORT,
            self._child,
            pods=own,
        )
        self._place.route(name, service.metadata.name, PROXY_PORT, self)

    def _hub(self) -> None:
        name, place = self._name, self._place
        metadata = self._metadata(name)
        examples = self._config_map(
            f"{name}-examples", {EXAMPLE.name: EXAMPLE.read_text(encoding="utf-8")}
        )
        text = json.dumps(hub_settings(self._name, self._settings, place, self._callback), indent=2)
        settings = self._config_map(f"{name}-settings", {"settings.json": text})
        code = self._config_map(f"{name}-code", sources(PACKAGE))
        claim = self._claim()
        account, bindings = accounts.account(name, place.namespace, rights.rules(), self)
        pod = workloads.pod(
            place.house,
            name,
            [self._container()],
            volumes=[
                _mounted("code", code),
                _mounted("settings", settings),
                VolumeArgs(
                    name="data",
                    persistent_volume_claim=PersistentVolumeClaimVolumeSourceArgs(
                        claim_name=claim.metadata.name
                    ),
                ),
            ],
            service_account=account,
            # other settings and other code make a new pod, as other secrets do
            secrets=[
                self._client.client_secret,
                *place.passwords.values(),
                text,
                json.dumps(sources(PACKAGE), sort_keys=True),
            ],
            grace_s=30,
        )
        metadata.annotations = {SERVERS: json.dumps(_taken(self._settings))}
        serving.deployment(
            name,
            metadata,
            pod,
            pulumi.ResourceOptions(parent=self, depends_on=[*bindings, examples]),
            alone=True,
        )
        own = self._metadata(self._hub_name)
        serving.service(self._hub_name, own, "hub", HUB_PORT, self._child, pods=name)

    def _container(self) -> ContainerArgs:
        keys = {
            "CLIENT_SECRET": "client",
            "COOKIE_SECRET": "cookie",
            "CONFIGPROXY_AUTH_TOKEN": "proxy",
            "CHECK_TOKEN": "check",
        }
        return workloads.container(
            "hub",
            self._place.image,
            workloads.resources(self._place.house, "100m", "384Mi", cpu_limit="1"),
            args=["jupyterhub", f"--config={FOLDER}/{PACKAGE}/jupyterhub_config.py"],
            env=[
                *workloads.literal({"SETTINGS": "/etc/hub/settings.json"}),
                *workloads.from_secret(self._secret.metadata.name, keys),
            ],
            ports={"hub": HUB_PORT},
            mounts=[
                VolumeMountArgs(name="code", mount_path=f"{FOLDER}/{PACKAGE}", read_only=True),
                VolumeMountArgs(name="settings", mount_path="/etc/hub", read_only=True),
                VolumeMountArgs(name="data", mount_path="/data"),
            ],
            readiness=workloads.probe("/hub/health", HUB_PORT, period_s=2, failures=90),
            liveness=workloads.probe("/hub/health", HUB_PORT, period_s=20, failures=15),
        )

    def _claim(self) -> PersistentVolumeClaim:
        """Claim the volume of the hub's database: users, groups, and whose server runs."""
        return PersistentVolumeClaim(
            self._name,
            PersistentVolumeClaimInitArgs(
                metadata=self._metadata(self._name, annotations={"pulumi.com/skipAwait": "true"}),
                spec=PersistentVolumeClaimSpecArgs(
                    access_modes=["ReadWriteOnce"],
                    storage_class_name=self._place.storage.rwo_class,
                    resources=VolumeResourceRequirementsArgs(requests={"storage": SIZE}),
                ),
            ),
            opts=self._child,
        )

    def _config_map(self, name: str, data: dict[str, str]) -> ConfigMap:
        metadata = self._metadata(name)
        return ConfigMap(name, ConfigMapInitArgs(metadata=metadata, data=data), opts=self._child)

    def _metadata(
        self,
        name: str,
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
    ) -> ObjectMetaArgs:
        return ObjectMetaArgs(
            name=name,
            namespace=self._place.namespace,
            labels=labels or workloads.labels(self._name),
            annotations=annotations,
        )


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: Notebooks(name, settings, place, opts)


def _mounted(volume: str, config_map: ConfigMap) -> VolumeArgs:
    source = ConfigMapVolumeSourceArgs(name=config_map.metadata.name)
    return VolumeArgs(name=volume, config_map=source)


def _taken(settings: Settings) -> dict[str, object]:
    """Return what servers take together: so many of the first profile, and their volumes."""
    first = settings.profiles[0]
    return {
        "cpu": [first.cpu] * settings.most_servers,
        "memory": [first.memory] * settings.most_servers,
        "volumes": [{"mode": "ReadWriteOnce", "size": settings.users_storage}],
    }
