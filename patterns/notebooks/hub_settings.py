"""What the hub's pod is told: the file that `workload/notebooks` reads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from components.oidc import Client
from components.place import Place
from components.workloads import HouseRules
from patterns.notebooks.settings import CHECK_USER, Profile, Settings
from sslab.catalogue.quantity import parse_quantity

CALLBACK = "/hub/oauth_callback"


def hub_settings(name: str, settings: Settings, place: Place, callback: str) -> dict[str, Any]:
    """Return the settings of the hub. Raises ValueError where the site has no login."""
    if place.identity is None:
        raise ValueError(f"{name} needs the site's login")
    return {
        "name": name,
        "url": callback.removesuffix(CALLBACK),
        "callback": callback,
        # by the Service's short name, which is the same in every cluster
        "hub": f"http://{name}-hub:8081",
        "proxy": f"http://{name}-proxy-api:8001",
        "database": "/data/jupyterhub.sqlite",
        **_login(place.identity.client),
        "image": place.other_images["notebook"],
        "pull_secret": place.house.pull_secret,
        "examples": f"{name}-examples",
        "storage_size": settings.storage_size,
        "storage_class": settings.storage_class or place.storage.rwo_class,
        "idle_timeout_s": settings.idle_timeout_s,
        "cull_every_s": max(5, min(300, settings.idle_timeout_s // 4)),
        "most_servers": settings.most_servers,
        "start_timeout_s": settings.start_timeout_s,
        "check_user": CHECK_USER,
        "profiles": [
            {**_profile(each, place.house), "gpu_resource": settings.gpu_resource}
            for each in settings.profiles
        ],
    }


def _login(client: Client) -> dict[str, Any]:
    return {
        "issuer": client.issuer,
        "endpoints": asdict(client.endpoints) if client.endpoints else None,
        "client": client.client_id,
        "identity_providers": list(client.identity_providers),
        "username_claim": client.username_claim,
        "groups_claim": client.groups_claim,
        "scopes": list(client.scopes),
        "login_parameters": client.login_parameters,
    }


def _profile(profile: Profile, house: HouseRules) -> dict[str, Any]:
    """Return a profile with numbers, its limits lowered to what the site allows."""
    requests = {"cpu": profile.cpu, "memory": profile.memory}
    limits = house.limits(requests, {"cpu": profile.cpu_limit, "memory": profile.memory})
    cores = parse_quantity(limits["cpu"])
    gibibytes = float(parse_quantity(profile.memory) / 2**30)
    described = f"up to {float(cores):g} cores, {gibibytes:g} GiB of memory"
    if profile.gpu:
        described += f", {profile.gpu} accelerators"
    return {
        "name": profile.name,
        "title": profile.title or profile.name,
        "description": described,
        "groups": list(profile.groups),
        "cpu": float(parse_quantity(profile.cpu)),
        "cpu_limit": float(cores),
        "memory": int(parse_quantity(profile.memory)),
        "memory_limit": int(parse_quantity(limits["memory"])),
        "gpu": profile.gpu,
    }
