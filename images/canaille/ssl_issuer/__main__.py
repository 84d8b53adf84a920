"""Run Canaille with the people and the client of the file that the variable SETTINGS names.

The file is JSON: `issuer` (its address), `client` (`id`, `secret`, `redirect_uris`) and `people`
(`name`, `password`, `groups`). Nothing is kept: whoever starts again reads it anew.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc import provider
from joserfc.jwk import RSAKey
from waitress import serve

PORT = 8080
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
DATABASE = Path("/tmp/canaille.sqlite")
SCOPES = ["openid", "email", "profile", "groups"]


def configuration(settings: dict[str, Any], database: Path) -> dict[str, Any]:
    """Return Canaille's own settings: people log in, and change nothing."""
    address = urlsplit(settings["issuer"])
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_NAME": address.netloc,
        "PREFERRED_URL_SCHEME": address.scheme,
        "CANAILLE": {
            "NAME": "Laboratory login",
            "DATABASE": "sql",
            "ENABLE_REGISTRATION": False,
            "ENABLE_PASSWORD_RECOVERY": False,
            "ENABLE_INTRUDER_LOCKOUT": True,
            "CAPTCHA_ENABLED": False,
            # its forms then work in every browser, and a login may end at another host
            "JAVASCRIPT": False,
            "HTMX": False,
            # nobody may change a profile: the site file says who is who
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"], "READ": [], "WRITE": []}},
            "SMTP": None,
        },
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{database}"},
        "CANAILLE_OIDC": {
            # the client proves itself with its secret, and each login has a state and PKCE
            "REQUIRE_NONCE": False,
            "ACTIVE_JWKS": [RSAKey.generate_key(2048, {"alg": "RS256"}).as_dict(private=True)],
            # nobody is asked whether the laboratory may know their name
            "TRUSTED_DOMAINS": [address.hostname],
        },
    }


def populate(settings: dict[str, Any]) -> None:
    """Put the people, their groups and the client into the empty database."""
    backend = Backend.instance
    members: dict[str, list[Any]] = {}
    for person in settings["people"]:
        user = models.User(
            user_name=person["name"],
            formatted_name=person["name"],
            family_name=person["name"],
            emails=[f"{person['name']}@{urlsplit(settings['issuer']).hostname}"],
            password=person["password"],
        )
        backend.save(user)
        for group in person["groups"]:
            members.setdefault(group, []).append(user)
    for group, users in members.items():
        backend.save(models.Group(display_name=group, members=users))
    client = settings["client"]
    known = models.Client(
        client_id=client["id"],
        client_secret=client["secret"],
        client_name="The laboratory",
        client_uri=settings["issuer"],
        redirect_uris=client["redirect_uris"],
        post_logout_redirect_uris=client["redirect_uris"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=SCOPES,
        token_endpoint_auth_method="client_secret_post",
    )
    known.audience = [known]
    backend.save(known)


def access_token(**_: Any) -> str:
    """Return a new access token. Canaille's are equal for two logins of a user in one second."""
    return secrets.token_urlsafe(48)


def as_issuer(application: Application, host: str) -> Application:
    """Let an application be asked by another name: pods know it by that of its Service."""

    def asked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return application({**environ, "HTTP_HOST": host}, start_response)

    return asked


def main() -> None:
    """Serve until the process is told to end."""
    settings = json.loads(Path(os.environ["SETTINGS"]).read_text())
    database = Path(os.environ.get("DATABASE", DATABASE))
    database.unlink(missing_ok=True)
    if urlsplit(settings["issuer"]).scheme == "http":
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    provider.generate_access_token = access_token  # Canaille looks it up by this name
    app = create_app(config=configuration(settings, database))
    with app.app_context(), Backend.instance.session():
        populate(settings)
    host = urlsplit(settings["issuer"]).netloc
    serve(as_issuer(app, host), listen=f"*:{os.environ.get('PORT', PORT)}", threads=8, ident=None)


if __name__ == "__main__":
    main()
