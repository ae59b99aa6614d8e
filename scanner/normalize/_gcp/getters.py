"""What Google's APIs call the canonical attributes. The APIs leave out what is false, zero or empty."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.normalize._gcp.asset import Asset
from scanner.normalize._gcp.compute import GETTERS as COMPUTE
from scanner.normalize._gcp.stores import GETTERS as STORES
from scanner.normalize._gcp.words import flag
from scanner.normalize._google_words import GKE_ENCRYPTS
from scanner.normalize._reading import Getter


def _cluster_public(asset: Asset) -> bool:
    """Private nodes alone do not close the control plane; taking its addresses away does."""
    if asset.get("controlPlaneEndpointsConfig", "ipEndpointsConfig", "enabled") is False:
        return False
    if asset.get("privateClusterConfig", "enablePrivateEndpoint"):
        return False
    networks = "masterAuthorizedNetworksConfig"
    if not asset.get(networks, "enabled"):
        return True
    return any(block.get("cidrBlock") in ("0.0.0.0/0", "::/0") for block in asset.blocks(networks, "cidrBlocks"))


GETTERS: Mapping[str, Mapping[str, Getter]] = {
    **STORES,
    **COMPUTE,
    "container.googleapis.com/Cluster": {
        "public_endpoint": _cluster_public,
        "secrets_encryption": lambda asset: asset.get("databaseEncryption", "state") in GKE_ENCRYPTS,
        "cost_allocation": flag("costManagementConfig", "enabled"),
        "log_regions": lambda _: [],
    },
}
"""Asset type to a getter for each attribute that its API can say something about."""
