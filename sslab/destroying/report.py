"""What is told before and after a laboratory is taken away, one line after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from sslab.cluster.access import made_in_a_cloud
from sslab.destroying.carrying_out import Left
from sslab.destroying.survey import Survey
from sslab.engine.inventory import Deployed
from sslab.site.model import Site
from sslab.site.object_storage import RemoteObjects

_WIDTH = 100
_MOST = 30
"""How many of somebody else's objects are named."""


def before(found: Survey, site: Site) -> Iterator[str]:
    """Yield what goes and what is kept."""
    yield f"{site.name}: {len(found.goes)} go, {len(found.kept_things)} are kept"
    yield from _going(found)
    yield from _keeping(found)
    around = found.live
    if around is not None:
        yield from _listed("Goes with its namespace, and is not the laboratory's", around.goes)
        yield from _listed("Stays, and is not the laboratory's", around.stays)
        going = {_claim(each) for each in found.goes if each.kind == "PersistentVolumeClaim"}
        retained = [each for each in around.volumes or () if each.retained and each.claim in going]
        yield from _listed(
            "Stays with its data, by the policy Retain",
            (f"PersistentVolume {each.name} of {each.claim}" for each in retained),
        )
        if around.volumes is None:
            yield "Volumes: the account may not see them, so it is not known which of them stay"
    elif found.ours:
        yield "What else is in the cluster is not known: it was not asked"
    yield from _listed("Stays, as the site has given it", given(site))


def _going(found: Survey) -> Iterator[str]:
    for name, things in found.by_component.items():
        yield from _paragraph(f"Goes, of {name}: ", [each.names[0] for each in things])
    lost = [(each, found.data[each.urn]) for each in found.goes if each.urn in found.data]
    for each, what in lost:
        yield f"DATA IS LOST with {each.names[0]}{_size(each)}: {what}"
    let_go = [each for each, _ in found.inventory.with_data if each.urn not in found.data]
    for each in let_go:
        yield f"DATA IS LOST with {each.names[0]}{_size(each)}: a line of data_loss lets it go"


def _keeping(found: Survey) -> Iterator[str]:
    for each in found.kept_things:
        if each.urn in found.data:
            yield f"Kept: {each.names[0]}{_size(each)}: {found.data[each.urn]}"
    needed = [each.names[0] for each in found.kept_things if each.urn not in found.data]
    if needed:
        yield from _paragraph("Kept, as the data need it: ", needed)
    if found.kept_things:
        yield "Kept: the stack and its credentials, with which `sslab up` takes the data up again"


def after(left: Left, site: Site) -> Iterator[str]:
    """Yield what was left behind."""
    if left.kept:
        yield from _paragraph("Left, as announced: ", left.kept)
        yield (
            f"`sslab up {site.name}` takes it up again; `sslab destroy {site.name} --with-data` "
            "takes it away"
        )
    yield from _listed("Left, by retain_on_delete", left.retained)
    yield from _listed(
        "Left with its data, by the policy Retain",
        (f"PersistentVolume {each.name} of {each.claim}" for each in left.volumes),
    )
    yield from _listed("Left, and not the laboratory's", left.foreign)
    yield from _listed("Left, as the site has given it", given(site))
    yield (
        f"Left: the stack {site.name} with its history, and the credentials, encrypted in "
        f"stacks/Pulumi.{site.name}.yaml"
    )
    yield from _listed("STAYED, AND SHOULD NOT HAVE", left.unexpected)


def given(site: Site) -> Iterator[str]:
    """Yield what the site has given, and the laboratory never takes away."""
    address = getattr(site.load_balancing, "address", None)
    if address:
        yield f"the address {address}"
    storage = site.object_storage
    by_cloud = made_in_a_cloud(site) and getattr(storage, "kind", "") == "gcs"
    if isinstance(storage, RemoteObjects) and storage.buckets and not by_cloud:
        names = ", ".join(f"{storage.prefix}{bucket}" for bucket in storage.buckets)
        yield f"the buckets {names} at {getattr(storage, 'endpoint', '')}, with their objects"
    server = site.storage.rwx_server if site.storage else None
    if server is not None:
        yield f"the files in {server.server}:{server.path}"
    zone = getattr(site.cluster, "dns_zone", None)
    if site.reached is not None and not zone and not site.reached.domain.endswith("localhost"):
        yield f"DNS records of *.{site.reached.domain} that were made by hand"


def _size(each: Deployed) -> str:
    size = each.at("spec", "resources", "requests", "storage")
    return f" ({size})" if size else ""


def _claim(each: Deployed) -> str:
    return f"{each.at('metadata', 'namespace')}/{each.at('metadata', 'name')}"


def _listed(heading: str, things: Iterable[object]) -> Iterator[str]:
    found = [str(each) for each in things]
    if found:
        yield from _paragraph(f"{heading}: ", found)


def _paragraph(heading: str, found: Sequence[str]) -> list[str]:
    shown = ", ".join(found[:_MOST])
    more = f", and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return wrap(
        f"{heading}{shown}{more}",
        _WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
