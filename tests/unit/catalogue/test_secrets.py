"""Which credentials a login takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.secrets import SecretSpec, require_secrets, required_secrets
from sslab.errors import SslabError
from sslab.site.loading import load_site
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
REGISTERED = {"issuer": "https://login.example.edu", "client": "ssl"}


def site(identity: Any) -> Site:
    data = load_site(ROOT / "sites/local.yaml").model_dump()
    return Site.model_validate({**data, "identity": identity})


def contracts(**needs: bool) -> dict[str, Contract]:
    contract = load_contracts(ROOT)["fitting-service"]
    changed = contract.needs.model_copy(update=needs)
    return {"fitting-service": contract.model_copy(update={"needs": changed})}


def login(of: Site, **needs: bool) -> list[SecretSpec]:
    required = required_secrets(of, contracts(**needs))
    return [spec for spec in required if spec.key.startswith("identity-")]


def test_the_issuer_gives_one_secret_and_the_other_is_made() -> None:
    client, cookies = login(site(REGISTERED), login=True)
    assert (client.key, client.recipe) == ("identity-client-secret", None)
    assert cookies.key == "identity-cookie-secret"
    assert cookies.recipe is not None


def test_an_application_that_logs_its_users_in_itself_has_no_cookies_of_ours() -> None:
    (client,) = login(site(REGISTERED), login=True, own_login=True)
    assert client.key == "identity-client-secret"


def test_where_nobody_logs_in_there_is_no_secret() -> None:
    assert login(site(REGISTERED)) == []
    assert login(site({**REGISTERED, "client": None}), login=True) == []
    assert login(site(None), login=True) == []


def test_a_missing_client_secret_is_the_sites_to_give() -> None:
    the_site = site(REGISTERED)
    asking = contracts(login=True)
    keys = [spec.key for spec in required_secrets(the_site, asking)]
    with pytest.raises(SslabError) as refusal:
        require_secrets(the_site, set(keys) - {"identity-client-secret"}, asking)
    assert str(refusal.value) == (
        "stacks/Pulumi.local.yaml lacks identity-client-secret; "
        "`sslab secrets set local <key>` takes what the site gave you"
    )


def test_the_laboratorys_own_issuer_has_its_secrets_made() -> None:
    users = [{"name": "ada"}, {"name": "bob"}]
    found = {spec.key: spec.recipe for spec in login(site({**REGISTERED, "users": users}))}
    assert set(found) == {
        "identity-client-secret",
        "identity-user-ada-password",
        "identity-user-bob-password",
    }
    assert all(recipe is not None for recipe in found.values())


def asking(kind: str) -> list[SecretSpec]:
    """Return the credentials of a pattern that asks the site for one of this kind."""
    given = {"name": "grid", "kind": kind, "purpose": "the grid knows it by it"}
    contract = load_contracts(ROOT)["z-peak"].model_dump()
    the_site = load_site(ROOT / "sites/local.yaml")
    of = {"z-peak": Contract.model_validate({**contract, "credentials": [given]})}
    return [spec for spec in required_secrets(the_site, of) if spec.key == "z-peak-grid"]


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("certificate", "CERTIFICATE", "RSA PRIVATE KEY"),
        ("private-key", "RSA PRIVATE KEY", "CERTIFICATE"),
        ("private-key", "OPENSSH PRIVATE KEY", "OPENSSH PUBLIC KEY"),
        ("private-key", "PRIVATE KEY", "SSH2 PUBLIC KEY"),
    ],
)
def test_a_pattern_may_ask_the_site_for_a_credential(kind: str, fits: str, does_not: str) -> None:
    (spec,) = asking(kind)
    assert spec.needed
    assert spec.recipe is None
    assert spec.purpose == "the grid knows it by it"
    assert spec.shape.fits(f"-----BEGIN {fits}-----\nMIIB\n-----END {fits}-----\n")
    assert not spec.shape.fits(f"-----BEGIN {does_not}-----\nMIIB\n-----END {does_not}-----\n")
    assert not spec.shape.fits("the path of a file")
