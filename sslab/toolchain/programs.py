"""Which programs are built, from which Go module, and how.

The module's `go.mod` is the pin, its `go.sum` the hashes; this table only says which package of it
becomes which program.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

KUBERNETES = "k8s.io/kubernetes"
PULUMI = "github.com/pulumi/pulumi"
PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"
METALLB_MODULE = "go.universe.tf/metallb"
KUEUE_MODULE = "sigs.k8s.io/kueue"
OAUTH2_PROXY_MODULE = "github.com/oauth2-proxy/oauth2-proxy/v7"
ACTIONLINT_MODULE = "github.com/rhysd/actionlint"
HELM_MODULE = "helm.sh/helm/v3"
BUILD_FLAGS = ("-trimpath", "-mod=readonly")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program that `go build` makes.

    `embed` names files of another module that the program's `main.go` embeds; they are laid beside
    it. `beside` names scripts of another module that must lie beside the finished program.
    """

    name: str
    module: str  # the folder under toolchain/
    package: str = "."
    pin: str = ""  # the module path whose version is the program's
    ldflags: str = "-s -w"
    embed: tuple[tuple[str, str], ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    version_of: str | None = field(default=None)  # a version that go.mod does not spell

    def version(self, toolchain: Path) -> str:
        """Return the version that the module pins, without its `v`."""
        return self.version_of or pinned_version(toolchain / self.module / "go.mod", self.pin)


@cache
def pinned_version(go_mod: Path, pin: str) -> str:
    """Return the version of module `pin` in `go_mod`; the empty pin is the module itself: `own`."""
    if not pin:
        return "own"
    match = re.search(rf"\b{re.escape(pin)} v(\S+)", go_mod.read_text())
    if match is None:
        raise ValueError(f"{go_mod} does not pin {pin}")
    return match.group(1)


def _kubernetes(name: str) -> Program:
    package = f"{KUBERNETES}/cmd/{name}"
    return Program(
        name=name,
        module="kubernetes",
        package=package,
        pin=KUBERNETES,
        # what `kubectl version` and the API server report: Go modules carry no such stamp
        ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v{version}"
        " -X k8s.io/component-base/version.gitMajor={major}"
        " -X k8s.io/component-base/version.gitMinor={minor}",
    )


CLUSTER = (
    Program(
        name="etcd",
        module="kubernetes",
        package="go.etcd.io/etcd/server/v3",
        pin="go.etcd.io/etcd/server/v3",
    ),
    *(
        _kubernetes(name)
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubeadm",
            "kubectl",
        )
    ),
    Program(name="coredns", module="coredns", pin="github.com/coredns/coredns"),
    Program(name="local-path-provisioner", module="local-path-provisioner"),
    Program(name="pause", module="pause"),
)
"""What an embedded cluster consists of, beside what the machine's distribution packages."""

ENGINE = (
    Program(
        name="pulumi",
        module="pulumi",
        package=f"{PULUMI}/pkg/v3/cmd/pulumi",
        pin=f"{PULUMI}/pkg/v3",
    ),
    Program(
        name="pulumi-language-python",
        module="pulumi-language-python",
        package=f"{PULUMI}/sdk/python/cmd/pulumi-language-python/v3",
        pin=f"{PULUMI}/sdk/v3",
        beside=(
            (f"{PULUMI}/sdk/v3", "python/cmd/pulumi-language-python-exec"),
            (f"{PULUMI}/sdk/v3", "python/dist/pulumi-resource-pulumi-python"),
            (f"{PULUMI}/sdk/v3", "python/dist/pulumi-analyzer-policy-python"),
        ),
    ),
    Program(
        name="pulumi-resource-kubernetes",
        module="pulumi-resource-kubernetes",
        pin=PROVIDER,
        version_of="4.25.0",  # go.mod has the commit of that release
        ldflags=f"-s -w -X {PROVIDER}/pkg/version.Version=v{{version}}",
        embed=(
            (PROVIDER, "cmd/pulumi-resource-kubernetes/schema.json"),
            (PROVIDER, "cmd/pulumi-resource-kubernetes/terraform-mapping.json"),
        ),
    ),
)
"""Pulumi: the engine, its Python language host and its Kubernetes provider."""

OPENSTACK = Program(
    name="pulumi-resource-openstack",
    module="pulumi-resource-openstack",
    version_of="5.5.3",  # that of the Python SDK, whose tokens its main.go maps
    ldflags="-s -w -X main.version={version}",
)
"""Pulumi's OpenStack provider, for sites whose cluster the laboratory makes there."""

METALLB = tuple(
    Program(
        name=f"metallb-{part}",
        module="metallb",
        package=f"{METALLB_MODULE}/{part}",
        pin=METALLB_MODULE,
    )
    for part in ("controller", "speaker")
)
"""What the image `metallb` holds, for sites where the laboratory runs MetalLB."""

KUEUE = Program(
    name="kueue",
    module="kueue",
    package=f"{KUEUE_MODULE}/cmd/kueue",
    pin=KUEUE_MODULE,
    ldflags=f"-s -w -X {KUEUE_MODULE}/pkg/version.GitVersion=v{{version}}",
)
"""What the image `kueue` holds, for sites where the laboratory runs Kueue."""

OAUTH2_PROXY = Program(
    name="oauth2-proxy",
    module="oauth2-proxy",
    package=OAUTH2_PROXY_MODULE,
    pin=OAUTH2_PROXY_MODULE,
    ldflags=f"-s -w -X {OAUTH2_PROXY_MODULE}/pkg/version.VERSION=v{{version}}",
)
"""What the image `oauth2-proxy` holds, for sites with a login in front of a service."""

ACTIONLINT = Program(
    name="actionlint",
    module="actionlint",
    package=f"{ACTIONLINT_MODULE}/cmd/actionlint",
    pin=ACTIONLINT_MODULE,
    ldflags=f"-s -w -X {ACTIONLINT_MODULE}.version={{version}}",
)
"""What the tests judge the workflows with."""

HELM = Program(
    name="helm",
    module="helm",
    package=f"{HELM_MODULE}/cmd/helm",
    pin=HELM_MODULE,
    ldflags=f"-s -w -X {HELM_MODULE}/internal/version.version=v{{version}}",
)
"""What renders the charts of `charts.mirror` for a plan: the version that Pulumi's provider has."""

OPTIONAL = (OPENSTACK, *METALLB, KUEUE, OAUTH2_PROXY, ACTIONLINT, HELM)
"""What only some sites need, as `sslab.toolchain.sites` says, or only the tests."""


def module_hash(toolchain: Path, module: str) -> str:
    """Return the key under which the programs of a module are cached: 16 hex digits.

    It covers every file of the module's folder, the build flags of this table and the machine's
    architecture, so that a changed pin is a new place and an unchanged one is found again.
    """
    digest = hashlib.sha256()
    for part in (*BUILD_FLAGS, platform.system(), platform.machine()):
        digest.update(part.encode() + b"\0")
    for program in (*CLUSTER, *ENGINE, *OPTIONAL):
        if program.module == module:
            digest.update(repr(program).encode() + b"\0")
    for path in sorted((toolchain / module).iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
