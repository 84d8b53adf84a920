"""The pod that the cloud is: one container a service, which share a loopback."""

from __future__ import annotations

from typing import Any

NAMESPACE = "openstack"
NAME = "openstack"
LOGINS = (
    *("KEYSTONE_AUTH__", "KEYSTONE_AUTHTOKEN__", "NEUTRON__", "NOVA__", "PLACEMENT__"),
    "TRUST__TRUSTEE_DOMAIN_ADMIN_",
)
"""The sections of the services' configuration by which they log in to keystone."""


def manifest(image: str, *, admin_password: str, user: str, password: str) -> dict[str, Any]:
    """Return the namespace, the secret and the pod, as a list for kubectl."""
    metadata = {"name": NAME, "namespace": NAMESPACE}
    secrets = {f"OS_{login}PASSWORD": admin_password for login in LOGINS}
    secrets |= {"ADMIN_PASSWORD": admin_password, "USER_NAME": user, "USER_PASSWORD": password}
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "initContainers": _first(image),
        "containers": _services(image),
    }
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": secrets},
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _first(image: str) -> list[dict[str, Any]]:
    """Return the containers that have to be there, in this order, before the services start."""
    stays = {"restartPolicy": "Always"}
    database = ("mariadbd", "--defaults-file=/etc/mariadb-openstack.cnf")
    ping = ["mariadb-admin", "--socket=/tmp/mariadb.sock", "--user=root", "ping"]
    keystone = _uwsgi("keystone-wsgi-public", 5000)
    answers = {**_http(5000), "failureThreshold": 300}
    return [
        _container(image, "rabbitmq", ("start-rabbitmq",), **stays),
        _container(image, "mariadb", database, **stays, startupProbe=_probe(ping)),
        _container(image, "keystone", keystone, **stays, startupProbe=answers),
        _container(image, "accounts", ("provision", "keystone")),
    ]


def _services(image: str) -> list[dict[str, Any]]:
    """Return the containers of the other services, and of what fills them."""
    # keystone's port is here because the kubelet opens none of a container that starts first
    made = {**_port(5000), "readinessProbe": _probe(["test", "-e", "/tmp/ready"])}
    glance = ("run-main", "glance.cmd.api", "--config-file", "/etc/glance/glance-api.conf")
    listed: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
        ("placement", _uwsgi("placement-api", 8778), _api(8778)),
        ("neutron", ("neutron-server",), _api(9696)),
        ("glance", glance, _api(9292)),
        ("nova-api", ("run-main", "nova.cmd.api_os_compute"), _api(8774)),
        ("nova-conductor", ("run-main", "nova.cmd.conductor"), {}),
        ("nova-scheduler", ("run-main", "nova.cmd.scheduler"), {}),
        ("nova-compute", ("run-main", "nova.cmd.compute"), {}),
        ("magnum-api", _uwsgi("magnum-api-wsgi", 9511), _api(9511)),
        ("magnum-conductor", ("run-main", "magnum.cmd.conductor"), {}),
        ("manila-api", _uwsgi("manila-wsgi", 8786), _api(8786)),
        ("manila-scheduler", ("run-main", "manila.cmd.scheduler"), {}),
        ("manila-share", ("run-main", "manila.cmd.share"), {}),
        ("provision", ("provision",), made),
    ]
    return [_container(image, name, command, **more) for name, command, more in listed]


def _uwsgi(script: str, port: int) -> tuple[str, ...]:
    """Return the command of a service that brings no server of its own."""
    return (
        *("uwsgi", "--ini", "/etc/uwsgi.ini", "--http-socket", f":{port}"),
        *("--wsgi-file", f"/usr/bin/{script}"),
    )


def _api(port: int) -> dict[str, Any]:
    """Return the fields of a service that clients reach."""
    return {**_port(port), "readinessProbe": _http(port)}


def _port(port: int) -> dict[str, Any]:
    """Return the field that opens a port at the node's address."""
    return {"ports": [{"containerPort": port, "hostPort": port}]}


def _http(port: int) -> dict[str, Any]:
    return {"httpGet": {"path": "/", "port": port}, "periodSeconds": 2}


def _container(image: str, name: str, command: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "Never",
        "command": list(command),
        "envFrom": [{"secretRef": {"name": NAME}}],
        "env": [
            {
                "name": "PUBLIC_ADDRESS",
                "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}},
            }
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **more,
    }


def _probe(command: list[str]) -> dict[str, Any]:
    return {"exec": {"command": command}, "periodSeconds": 1, "failureThreshold": 300}
