"""The configuration of JupyterHub at a site, made of the settings that its pod is given."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from typing import Any

from .issuer import addresses
from .login import groups, refusal
from .profiles import as_choice, offered

HUB_PORT = 8081
HOME = "/home/analyst"
CHECK = "check"
"""The service by which the smoke test starts the server of one user, and of no other."""

CHECK_SCOPES = ("servers", "read:users", "access:servers")
"""What that service may do, to the one user."""

USER = 65532
"""The user id of every pod of the laboratory."""


def configure(c: Any, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Set up the hub. `secrets` are variables of the environment; `c` is traitlets' Config."""
    _hub(c, settings, secrets)
    _login(c, settings, secrets)
    _rights(c, settings, secrets)
    _servers(c, settings)
    _pods(c, settings)


def _hub(c: Any, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    c.JupyterHub.bind_url = "http://:8000"
    c.JupyterHub.public_url = f"{settings['url']}/"
    c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{HUB_PORT}"
    c.JupyterHub.hub_connect_url = settings["hub"]
    c.JupyterHub.db_url = f"sqlite:///{settings['database']}"
    c.JupyterHub.cookie_secret = hashlib.sha256(secrets["COOKIE_SECRET"].encode()).digest()
    c.JupyterHub.active_server_limit = settings["most_servers"]
    c.JupyterHub.allow_named_servers = False
    # servers and their users go on while the hub restarts; the proxy is a pod of its own
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = settings["proxy"]


def _login(c: Any, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    asked = addresses(settings["issuer"], settings["endpoints"])
    claim = settings["groups_claim"]

    def judge(_authenticator: Any, _handler: Any, authentication: dict[str, Any]) -> Any:
        claims = authentication["auth_state"]["oauth_user"]
        reason = refusal(
            authentication["name"], claims, settings["identity_providers"], settings["check_user"]
        )
        if reason is not None:
            from tornado.web import HTTPError  # the hub's own, which tests of this need not have

            raise HTTPError(403, reason, reason=reason)
        return authentication

    c.JupyterHub.authenticator_class = "generic-oauth"
    oauth = c.GenericOAuthenticator
    oauth.login_service = "the laboratory's login"
    oauth.client_id = settings["client"]
    oauth.client_secret = secrets["CLIENT_SECRET"]
    oauth.oauth_callback_url = settings["callback"]
    oauth.authorize_url = asked["authorize"]
    oauth.token_url = asked["token"]
    oauth.userdata_url = asked["userinfo"]
    oauth.scope = list(settings["scopes"])
    oauth.extra_authorize_params = dict(settings["login_parameters"])
    oauth.username_claim = settings["username_claim"]
    oauth.manage_groups = True
    oauth.auth_state_groups_key = lambda state: groups(state["oauth_user"], claim)
    # whom the issuer logs in may come, but for those whom the hook refuses
    oauth.allow_all = True
    oauth.post_auth_hook = judge
    oauth.enable_pkce = True
    if "end_session" in asked:
        # else whoever logs out here is logged in again by one click
        oauth.logout_redirect_url = asked["end_session"]


def _rights(c: Any, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    user = settings["check_user"]
    c.JupyterHub.services = [
        {"name": CHECK, "api_token": secrets["CHECK_TOKEN"]},
        {
            "name": "idle-culler",
            "command": [
                *(sys.executable, "-m", "jupyterhub_idle_culler"),
                f"--timeout={settings['idle_timeout_s']}",
                f"--cull-every={settings['cull_every_s']}",
            ],
        },
    ]
    c.JupyterHub.load_roles = [
        {
            "name": "idle-culler",
            "services": ["idle-culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
        # makes the user where it is not there
        {"name": "checked", "users": [user], "scopes": []},
        {
            "name": CHECK,
            "services": [CHECK],
            "scopes": [f"{each}!user={user}" for each in CHECK_SCOPES],
        },
    ]


def _servers(c: Any, settings: Mapping[str, Any]) -> None:
    profiles = settings["profiles"]

    def choices(spawner: Any) -> list[dict[str, Any]]:
        found = offered(profiles, [group.name for group in spawner.user.groups])
        if not found:
            from tornado.web import HTTPError

            reason = "no size of server is for your groups"
            raise HTTPError(403, reason, reason=reason)
        return [as_choice(each) for each in found]

    c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    c.KubeSpawner.profile_list = choices
    c.KubeSpawner.default_url = "/lab"
    c.KubeSpawner.notebook_dir = HOME
    c.KubeSpawner.cmd = ["jupyterhub-singleuser"]
    c.KubeSpawner.start_timeout = settings["start_timeout_s"]
    c.KubeSpawner.http_timeout = settings["start_timeout_s"]
    c.KubeSpawner.environment = {
        # so often a server tells the hub whether it is used
        "JUPYTERHUB_ACTIVITY_INTERVAL": str(min(300, settings["idle_timeout_s"] // 2)),
    }


def _pods(c: Any, settings: Mapping[str, Any]) -> None:
    pods = c.KubeSpawner
    pods.image = settings["image"]
    pods.image_pull_policy = "IfNotPresent"
    pods.image_pull_secrets = [settings["pull_secret"]] if settings["pull_secret"] else []
    pods.common_labels = {"app.kubernetes.io/name": f"{settings['name']}-server"}
    pods.pod_name_template = "server-{user_server}"
    pods.automount_service_account_token = False
    pods.extra_pod_config = {"enableServiceLinks": False}
    pods.pod_security_context = {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    pods.container_security_context = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }
    # a user's volume stays when the server goes, and when the hub forgets the user
    pods.pvc_name_template = "home-{user_server}"
    pods.storage_pvc_ensure = True
    pods.delete_pvc = False
    pods.storage_capacity = settings["storage_size"]
    pods.storage_access_modes = ["ReadWriteOnce"]
    if settings["storage_class"]:
        pods.storage_class = settings["storage_class"]
    pods.volumes = [
        {"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "examples", "configMap": {"name": settings["examples"]}},
    ]
    pods.volume_mounts = [
        {"name": "home", "mountPath": HOME},
        {"name": "tmp", "mountPath": "/tmp"},
        {"name": "examples", "mountPath": f"{HOME}/examples", "readOnly": True},
    ]
