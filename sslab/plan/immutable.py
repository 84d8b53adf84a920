"""Which fields of an object cannot be changed as it stands, and why: a table.

`REPLACED` is what makes Pulumi replace an object. Its truth is `forceNew` in the file
provider/pkg/provider/diff.go of pulumi-kubernetes 4.25.0. `REFUSED` is what that table does not
have and Kubernetes' validation (pkg/apis/*/validation of Kubernetes 1.34) does not let through: the
deployment fails. Keys are a resource's type as `PlannedResource.type` has it: `group/Kind` of
Kubernetes, the whole token of any other provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rule:
    """Fields (`spec.containers[*].image`) that share a reason, told in the middle of a sentence."""

    fields: tuple[str, ...]
    why: str


def _fixed(what: str) -> str:
    return f"{what}: Kubernetes refuses it, so Pulumi deletes the object and makes a new one"


def _selector(kind: str) -> Rule:
    return Rule(("spec.selector",), _fixed(f"the selector of a {kind} cannot be changed"))


IDENTITY: Final = (
    Rule(("metadata.name",), "an object cannot be renamed: Pulumi makes one with the new name and "
         "deletes the old one"),
    Rule(("metadata.namespace",), "an object cannot move to another namespace: Pulumi makes one "
         "there and deletes the one here"),
)  # fmt: skip
"""What holds for every Kubernetes object."""

_CONTAINER: Final = (
    "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources "
    "securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty "
    "volumeDevices volumeMounts workingDir"
)
_POD: Final = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases "
    "hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead "
    "preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName "
    "schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace "
    "subdomain terminationGracePeriodSeconds volumes"
)
_VOLUME: Final = (
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker "
    "gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume "
    "quobyte rbd scaleIO storageos vsphereVolume"
)
_ROLE_REFERENCE: Final = Rule(
    ("roleRef",), _fixed("the role that a binding gives cannot be changed")
)
_HELM_NAME: Final = Rule(
    ("name", "namespace"), "a release keeps its name and namespace: Pulumi installs another one "
    "and uninstalls this one"
)  # fmt: skip

REPLACED: Final[Mapping[str, tuple[Rule, ...]]] = {
    "apps/DaemonSet": (_selector("DaemonSet"),),
    "apps/Deployment": (_selector("Deployment"),),
    "apps/StatefulSet": (
        _selector("StatefulSet"),
        Rule(("spec.serviceName",), _fixed("the Service of a StatefulSet cannot be changed")),
        Rule(("spec.podManagementPolicy",),
             _fixed("the pod management of a StatefulSet cannot be changed")),
        Rule(("spec.volumeClaimTemplates",),
             _fixed("the claims that a StatefulSet makes cannot be changed")),
        Rule(("spec.revisionHistoryLimit",),
             "Pulumi makes a new StatefulSet where its revision history changes, though Kubernetes "
             "could change it"),
    ),
    "batch/Job": (
        _selector("Job"),
        Rule(("spec.template",), _fixed("the pods of a Job cannot be changed")),
        Rule(("spec.completions",), _fixed("the completions of a Job cannot be changed")),
        Rule(("spec.parallelism",),
             "Pulumi makes a new Job where its parallelism changes: it runs again"),
    ),
    "core/PersistentVolume": (
        Rule(tuple(f"spec.{source}" for source in _VOLUME.split()),
             _fixed("where a volume lies cannot be changed")),
    ),
    "core/PersistentVolumeClaim": (
        Rule(("spec.accessModes",), _fixed("the access modes of a claim cannot be changed")),
        Rule(("spec.selector",), _fixed("the selector of a claim cannot be changed")),
        Rule(("spec.storageClassName",), _fixed("the StorageClass of a claim cannot be changed")),
        Rule(("spec.volumeName",), _fixed("the volume of a claim cannot be changed")),
    ),
    "core/Pod": (
        Rule((*(f"spec.{field}" for field in _POD.split()),
              *(f"spec.{containers}[*].{field}" for containers in ("containers", "initContainers")
                for field in _CONTAINER.split())),
             "a pod that runs cannot be changed: Pulumi deletes it and makes a new one"),
    ),
    "core/ResourceQuota": (
        Rule(("spec.scopes",), _fixed("the scopes of a quota cannot be changed")),
    ),
    "core/Secret": (Rule(("type",), _fixed("the type of a Secret cannot be changed")),),
    "core/Service": (
        Rule(("spec.clusterIP",), _fixed("the address of a Service cannot be changed")),
    ),
    "helm.sh/Release": (_HELM_NAME,),
    "pulumi:providers:kubernetes": (
        Rule(("clusterIdentifier", "renderYamlToDirectory"),
             "another cluster: all its objects are made anew there and deleted here"),
    ),
    "policy/v1beta1/PodDisruptionBudget": (
        Rule(("spec",), _fixed("a disruption budget of policy/v1beta1 cannot be changed")),
    ),
    "rbac.authorization.k8s.io/ClusterRoleBinding": (_ROLE_REFERENCE,),
    "rbac.authorization.k8s.io/RoleBinding": (_ROLE_REFERENCE,),
    "storage.k8s.io/StorageClass": (
        Rule(("parameters", "provisioner"), _fixed("how a StorageClass makes volumes cannot be "
             "changed")),
    ),
}  # fmt: skip
"""By `group/Kind`, or `group/version/Kind` where only one version of a kind is so."""

DATA_OF_SECRET: Final = Rule(
    ("data", "stringData"),
    "Pulumi does not change the data of a Secret, so that pods never see half of a change: it "
    "deletes it and makes a new one",
)
DATA_OF_CONFIG_MAP: Final = Rule(
    ("data", "binaryData"),
    "Pulumi does not change the data of a ConfigMap, so that pods never see half of a change: it "
    "deletes it and makes a new one",
)
"""Unless the provider is told that they are mutable, and the object does not say `immutable`."""

REFUSED: Final[Mapping[str, tuple[Rule, ...]]] = {
    "apiextensions.k8s.io/CustomResourceDefinition": (
        Rule(("spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"),
             "what a resource definition defines is fixed"),
    ),
    "batch/Job": (
        Rule(("spec.completionMode", "spec.podFailurePolicy", "spec.successPolicy",
              "spec.backoffLimitPerIndex", "spec.managedBy"),
             "how a Job that exists judges its pods is fixed"),
    ),
    "core/PersistentVolume": (
        Rule(("spec.nodeAffinity", "spec.volumeMode"), "what a volume is, and where, is fixed"),
    ),
    "core/PersistentVolumeClaim": (
        Rule(("spec.volumeMode", "spec.dataSource", "spec.dataSourceRef"),
             "what a claim is filled with, and how, is fixed"),
    ),
    "core/Service": (
        Rule(("spec.loadBalancerClass",), "the class of a load balancer is fixed"),
    ),
    "gateway.networking.k8s.io/GatewayClass": (
        Rule(("spec.controllerName",), "the controller of a class is fixed"),
    ),
    "networking.k8s.io/IngressClass": (
        Rule(("spec.controller",), "the controller of a class is fixed"),
    ),
    "node.k8s.io/RuntimeClass": (Rule(("handler",), "the handler of a class is fixed"),),
    "scheduling.k8s.io/PriorityClass": (
        Rule(("value", "preemptionPolicy"), "what a priority class stands for is fixed"),
    ),
    "storage.k8s.io/CSIDriver": (
        Rule(("spec.attachRequired", "spec.volumeLifecycleModes"),
             "how a driver gives volumes to pods is fixed"),
    ),
    "storage.k8s.io/StorageClass": (
        Rule(("reclaimPolicy", "volumeBindingMode"),
             "when volumes are made and what becomes of them is fixed"),
    ),
}  # fmt: skip

REFUSED_REMEDY: Final = (
    "Kubernetes refuses the change and the deployment fails; give the object another name, or "
    "delete it first"
)
