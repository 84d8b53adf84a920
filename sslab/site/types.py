"""The forms of single values in a site file, and what all its parts share.

Quantities (CPU, memory, storage) are Kubernetes quantities, written as Kubernetes writes them:
`500m`, `2Gi`. Addresses and networks are IPv4 or IPv6.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import StringConstraints as Text

from sslab.site.document import shown

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HOST = "([A-Za-z0-9-]{1,63}\\.)*[A-Za-z0-9-]{1,63}"
DNS_LABEL = f"^{_LABEL}$"
DNS_NAME = rf"^({_LABEL}\.)*{_LABEL}$"
BUCKET_NAME = "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"
BUCKET_PREFIX = "^([a-z0-9][a-z0-9-]{0,30})?$"
QUANTITY = r"^[0-9]{1,18}(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
GITHUB_OWNER = (
    r"^@[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?(/[a-z0-9]([a-z0-9_-]{0,98}[a-z0-9])?)?$"
)
_GIT_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}"
_GIT_PATH = r"[A-Za-z0-9._~/+-]{1,300}"
GIT_ADDRESS = (
    # no password or token fits in, for the file that holds it is committed
    rf"^(https://{_GIT_HOST}(:[0-9]{{1,5}})?/{_GIT_PATH}"
    rf"|ssh://([a-z][a-z0-9_-]*@)?{_GIT_HOST}(:[0-9]{{1,5}})?/{_GIT_PATH}"
    rf"|[a-z][a-z0-9_-]*@{_GIT_HOST}:{_GIT_PATH}|(file://)?/{_GIT_PATH})$"
)
COMMIT = "^[0-9a-f]{40}$"
MAIL_ADDRESS = r"^[^@\s]+@[^@\s]+$"
ONE_LINE = r"^[^\s]([^\n]*[^\s])?$"
WORD = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$"
CLIENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._:/@+~=-]{0,198}$"
WEB_ADDRESS = rf"^https?://{_HOST}(:[0-9]{{1,5}})?(/[^\s?#]*)?$"
ENTITY_ID = r"^(https?://|urn:)[^\s]{1,250}$"
REGISTRY_PATH = r"^([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*$"
CHART_MIRROR = rf"^(\.?/[^\s\x00]{{1,200}}|oci://{REGISTRY_PATH[1:-1]})$"
CHART_ADDRESS = rf"^(https://{_HOST}(/[^\s?#]*)?|oci://{REGISTRY_PATH[1:-1]})$"
CHART_VERSION = r"^v?[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}([-+][A-Za-z0-9.+-]{1,80})?$"
DIGEST = "^sha256:[0-9a-f]{64}$"
NAMESPACED_NAME = f"^{_LABEL}/{_LABEL}$"
RESOURCE_NAME = rf"^({_LABEL}\.)+{_LABEL}/[A-Za-z0-9][A-Za-z0-9._-]{{0,62}}$"
ABSOLUTE_PATH = r"^/[^\s\x00]{0,200}$"
FILE_PATH = r"^(~/|/)[^\s\x00]{1,200}$"
MOMENT = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
TIME_ZONE = "^[A-Z][A-Za-z_]{1,20}(/[A-Z][A-Za-z_-]{1,30}){0,2}$"

DnsLabel = Annotated[str, Text(pattern=DNS_LABEL)]
"""A DNS label as RFC 1123 defines it, up to 63 characters: the form of Kubernetes names."""

DnsName = Annotated[str, Text(pattern=DNS_NAME, max_length=253)]
"""A DNS name as RFC 1123 defines it."""

BucketName = Annotated[str, Text(pattern=BUCKET_NAME)]
"""An S3 bucket name: 3 to 63 lower-case letters, digits and hyphens."""

Word = Annotated[str, Text(pattern=WORD)]
"""A name without spaces, as clouds give to regions, flavors and images."""

OneLine = Annotated[str, Text(pattern=ONE_LINE, max_length=300)]
"""One line of text without space at its ends."""

WebAddress = Annotated[str, Text(pattern=WEB_ADDRESS, max_length=300)]
"""An http or https address without query and fragment."""

ClientId = Annotated[str, Text(pattern=CLIENT_ID)]
"""The name of a client at an OpenID Connect issuer: CILogon's are like paths."""

EntityId = Annotated[str, Text(pattern=ENTITY_ID)]
"""The EntityID of an identity provider, as SAML federations list it: an address or a URN."""

RegistryPath = Annotated[str, Text(pattern=REGISTRY_PATH, max_length=253)]
"""A container registry's host, with or without a path in it."""

ChartMirror = Annotated[str, Text(pattern=CHART_MIRROR, max_length=253)]
"""A directory with charts, from the root of a filesystem or of the repository, or an OCI address.
"""

ChartAddress = Annotated[str, Text(pattern=CHART_ADDRESS, max_length=253)]
"""A chart repository, or all of the address of a chart in a registry."""

ChartVersion = Annotated[str, Text(pattern=CHART_VERSION)]
"""A chart's version: Helm wants semantic versions."""

Digest = Annotated[str, Text(pattern=DIGEST)]
"""The SHA-256 of an artefact in a registry."""

NamespacedName = Annotated[str, Text(pattern=NAMESPACED_NAME)]
"""An object of Kubernetes as `namespace/name`."""

ResourceName = Annotated[str, Text(pattern=RESOURCE_NAME)]
"""An extended resource of Kubernetes, such as `nvidia.com/gpu`."""

AbsolutePath = Annotated[str, Text(pattern=ABSOLUTE_PATH)]
"""A path from the root of a filesystem."""

FilePath = Annotated[str, Text(pattern=FILE_PATH)]
"""A path from the root of a filesystem, or from the home folder as `~/...`."""

TimeOfDay = Annotated[str, Text(pattern=TIME_OF_DAY)]
"""Hours and minutes of a day, `06:30`."""

TimeZone = Annotated[str, Text(pattern=TIME_ZONE)]
"""A time zone by its name in the IANA database."""


def _real_day(value: str) -> str:
    """Refuse the 30th of February. A year or a month alone is judged by its first day."""
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        raise ValueError(f"{shown(value)} is no day of the calendar; write one that is") from None
    return value


Moment = Annotated[str, Text(pattern=MOMENT), AfterValidator(_real_day)]
"""A year, a month or a day, as ISO 8601 writes them: `2019`, `2019-06`, `2019-06-25`."""

Day = Annotated[str, Text(pattern=DAY), AfterValidator(_real_day)]
"""A day, as ISO 8601 writes it: `2019-06-25`."""


def _as_quantity(value: object) -> object:
    """Write a bare number as text, as Kubernetes accepts `cpu: 4` for `cpu: "4"`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(Decimal(repr(value)), "f")
    return value


_QuantityText = Annotated[str, Text(pattern=QUANTITY)]

Quantity = Annotated[
    _QuantityText,
    BeforeValidator(_as_quantity, json_schema_input_type=_QuantityText | int | float),
]
"""A Kubernetes quantity; a bare number is taken as its text."""


def _address(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        raise ValueError(
            f'{shown(value)} is not an IP address; write it as in "192.0.2.10"'
        ) from None
    return value


def _network(value: str) -> str:
    """Refuse what is no network, and one whose address has bits beyond the prefix."""
    try:
        ip_network(value)
    except ValueError:
        try:
            near = ip_network(value, strict=False)
        except ValueError:
            raise ValueError(
                f'{shown(value)} is not a network; write it as in "192.0.2.0/24"'
            ) from None
        raise ValueError(f'{shown(value)} has host bits set; did you mean "{near}"?') from None
    return value


def _address_range(value: str) -> str:
    """Refuse what is neither a network nor `first-last` of one family in ascending order."""
    first, dash, last = value.partition("-")
    if not dash:
        return _network(value)
    low, high = ip_address(_address(first.strip())), ip_address(_address(last.strip()))
    if low.version != high.version:
        raise ValueError(f"{shown(value)} mixes IPv4 and IPv6; write two ranges")
    if int(low) > int(high):
        raise ValueError(f'{shown(value)} ends before it starts; did you mean "{high}-{low}"?')
    return value


def bounds(addresses: str) -> tuple[int, int, int]:
    """Return IP version, first and last address, as numbers, of an address, network or range."""
    first, dash, last = addresses.partition("-")
    if dash:
        low, high = ip_address(first.strip()), ip_address(last.strip())
        return low.version, int(low), int(high)
    network = ip_network(addresses)
    return network.version, int(network.network_address), int(network.broadcast_address)


Address = Annotated[str, Text(max_length=45), AfterValidator(_address)]
"""An IPv4 or IPv6 address."""

Network = Annotated[str, Text(max_length=49), AfterValidator(_network)]
"""A network in CIDR form, `192.0.2.0/24`, without host bits."""

AddressRange = Annotated[str, Text(max_length=93), AfterValidator(_address_range)]
"""A network in CIDR form, or a range of addresses `192.0.2.10-192.0.2.20`."""

MailAddress = Annotated[str, Text(pattern=MAIL_ADDRESS)]
"""A team's e-mail address."""

GitHubOwner = Annotated[str, Text(pattern=GITHUB_OWNER)]
"""Whom GitHub asks for a review: a team as `@organisation/team`, or an account as `@name`."""

GitAddress = Annotated[str, Text(pattern=GIT_ADDRESS)]
"""Where a git repository is fetched from, without credentials."""

Commit = Annotated[str, Text(pattern=COMMIT)]
"""A commit of git, with all digits."""

HostPort = Annotated[int, Field(ge=1, le=65535)]
NodePort = Annotated[int, Field(ge=30000, le=32767)]


class Model(BaseModel):
    """What every part of a site file shares: frozen, no unknown fields.

    Errors do not repeat the input, so that a secret in a wrong place is not printed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
