"""Which Kubernetes kinds belong to the whole cluster, and which run pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CLUSTER_SCOPED: Final = frozenset(
    # `+genclient:nonNamespaced` in k8s.io/api 0.34, and those of the extension and aggregation APIs
    [
        "APIService",
        "AuditSink",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "ImageReview",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    ]
)
"""The cluster-scoped kinds of Kubernetes itself."""

EXTENSION_CLUSTER_SCOPED: Final = frozenset(
    # group/kind as each project's resource definitions state `scope: Cluster`
    [
        "cert-manager.io/ClusterIssuer",
        "cilium.io/CiliumClusterwideNetworkPolicy",
        "crd.projectcalico.org/GlobalNetworkPolicy",
        "crd.projectcalico.org/IPPool",
        "external-secrets.io/ClusterExternalSecret",
        "external-secrets.io/ClusterSecretStore",
        "gateway.networking.k8s.io/GatewayClass",
        "kueue.x-k8s.io/AdmissionCheck",
        "kueue.x-k8s.io/ClusterQueue",
        "kueue.x-k8s.io/Cohort",
        "kueue.x-k8s.io/MultiKueueCluster",
        "kueue.x-k8s.io/MultiKueueConfig",
        "kueue.x-k8s.io/ProvisioningRequestConfig",
        "kueue.x-k8s.io/ResourceFlavor",
        "kueue.x-k8s.io/Topology",
        "kueue.x-k8s.io/WorkloadPriorityClass",
        "nfd.k8s-sigs.io/NodeFeatureRule",
        "nvidia.com/ClusterPolicy",
        "policy.networking.k8s.io/AdminNetworkPolicy",
        "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
        "snapshot.storage.k8s.io/VolumeSnapshotClass",
        "snapshot.storage.k8s.io/VolumeSnapshotContent",
    ]
)
"""The cluster-scoped kinds of extensions that a laboratory is likely to meet."""

BUILT_IN_GROUPS: Final = frozenset(
    [
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "auditregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "core",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "imagepolicy.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    ]
)
"""The API groups of Kubernetes itself."""

PULUMI_GROUPS: Final = frozenset({"helm.sh", "kustomize", "meta", "yaml"})
"""Groups of the provider that are Pulumi's own components, not objects of the cluster."""

POD_SPECS: Final[Mapping[str, tuple[str, ...]]] = {
    "core/Pod": ("spec",),
    "core/PodTemplate": ("template", "spec"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
} | dict.fromkeys(
    (
        "apps/Deployment",
        "apps/StatefulSet",
        "apps/DaemonSet",
        "apps/ReplicaSet",
        "core/ReplicationController",
        "batch/Job",
    ),
    ("spec", "template", "spec"),
)
"""Where the specification of its pods is in an object, by `group/Kind`."""


def cluster_scoped(group: str, kind: str, namespace: object) -> bool:
    """Tell whether an object is one of the whole cluster; the group of `v1` is `core`.

    A kind that neither Kubernetes nor the table of extensions knows is taken for one unless it
    states its namespace: nothing else in its inputs tells.
    """
    if not group or group in PULUMI_GROUPS:
        return False
    if group in BUILT_IN_GROUPS:
        return kind in CLUSTER_SCOPED
    return f"{group}/{kind}" in EXTENSION_CLUSTER_SCOPED or not namespace
