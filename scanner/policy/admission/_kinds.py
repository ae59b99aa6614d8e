"""What Kubernetes calls its kinds in a URL, and whether their objects live in namespaces.

Source of the table: `kubectl api-resources` of Kubernetes 1.33.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMESPACED = """
core/ ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota
core/ Secret Service ServiceAccount
apps/ ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
authorization.k8s.io/ LocalSubjectAccessReview
autoscaling/ HorizontalPodAutoscaler
batch/ CronJob Job
coordination.k8s.io/ Lease LeaseCandidate
discovery.k8s.io/ EndpointSlice
events.k8s.io/ Event
extensions/ DaemonSet Deployment Ingress NetworkPolicy ReplicaSet
networking.k8s.io/ Ingress NetworkPolicy
policy/ PodDisruptionBudget
rbac.authorization.k8s.io/ Role RoleBinding
resource.k8s.io/ ResourceClaim ResourceClaimTemplate
storage.k8s.io/ CSIStorageCapacity
"""
_CLUSTER = """
core/ ComponentStatus Namespace Node PersistentVolume
admissionregistration.k8s.io/ MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration
admissionregistration.k8s.io/ ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
apiextensions.k8s.io/ CustomResourceDefinition
apiregistration.k8s.io/ APIService
authentication.k8s.io/ SelfSubjectReview TokenReview
authorization.k8s.io/ SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
certificates.k8s.io/ CertificateSigningRequest ClusterTrustBundle
flowcontrol.apiserver.k8s.io/ FlowSchema PriorityLevelConfiguration
networking.k8s.io/ IPAddress IngressClass ServiceCIDR
node.k8s.io/ RuntimeClass
policy/ PodSecurityPolicy
rbac.authorization.k8s.io/ ClusterRole ClusterRoleBinding
resource.k8s.io/ DeviceClass ResourceSlice
scheduling.k8s.io/ PriorityClass
storage.k8s.io/ CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass
"""
_MOVED = {"extensions": ("apps", "networking.k8s.io", "policy"), "events.k8s.io": ("core",)}
"""Groups whose kinds are served by others as well, so that a rule for one is a rule for the other."""


def _kinds(table: str) -> frozenset[str]:
    rows = (line.split() for line in table.split("\n") if line)
    return frozenset(f"{group}{kind}" for group, *kinds in rows for kind in kinds)


NAMESPACED, CLUSTER = _kinds(_NAMESPACED), _kinds(_CLUSTER)
"""`group/Kind`, with `core` for the group that has no name."""


def group_of(body: Mapping[str, Any]) -> str:
    """The API group of an object, empty for the core group."""
    group, slash, _ = str(body.get("apiVersion", "")).partition("/")
    return group if slash else ""


def version_of(body: Mapping[str, Any]) -> str:
    """The API version of an object, without its group."""
    return str(body.get("apiVersion", "")).rpartition("/")[2]


def plural(kind: str) -> str:
    """The usual English plural in lower case. It is right for every built-in kind."""
    word = kind.lower()
    if word.endswith("endpoints"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def equivalents(group: str, kind: str) -> frozenset[str]:
    """The groups that serve the same objects, this one included; the core group is empty, as in rules."""
    known = NAMESPACED | CLUSTER
    own = group or "core"
    others = {moved for moved in _MOVED.get(own, ()) if f"{moved}/{kind}" in known}
    others |= {old for old, new in _MOVED.items() if own in new and f"{old}/{kind}" in known}
    return frozenset({"" if name == "core" else name for name in {own, *others}})
