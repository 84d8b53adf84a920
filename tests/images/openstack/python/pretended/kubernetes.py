"""A driver of Magnum whose clusters have addresses and no machines."""
# mypy: ignore-errors
# It runs on the packages in the image, which are not installed where this is checked.

from magnum.drivers.common import driver
from magnum.objects.fields import ClusterStatus


class PretendedKubernetes(driver.Driver):
    """Says of every cluster that it is complete, where Heat would make machines for it."""

    @property
    def provides(self):
        """Return which clusters are its own."""
        return [{"server_type": "vm", "os": "fedora-coreos", "coe": "kubernetes"}]

    def create_cluster(self, context, cluster, cluster_create_timeout):
        """Give the cluster an API server's address (of TEST-NET-2) and call it complete."""
        cluster.stack_id = cluster.uuid
        cluster.api_address = "https://198.51.100.10:6443"
        self._complete(cluster, ClusterStatus.CREATE_COMPLETE)

    def update_cluster(self, context, cluster, scale_manager=None, rollback=False):
        """Call the cluster changed."""
        self._complete(cluster, ClusterStatus.UPDATE_COMPLETE)

    def resize_cluster(
        self, context, cluster, resize_manager, node_count, nodes_to_remove, nodegroup=None
    ):
        """Call the cluster resized."""
        self._complete(cluster, ClusterStatus.UPDATE_COMPLETE)

    def upgrade_cluster(
        self,
        context,
        cluster,
        cluster_template,
        max_batch_size,
        nodegroup,
        scale_manager=None,
        rollback=False,
    ):
        """Call the cluster upgraded."""
        self._complete(cluster, ClusterStatus.UPDATE_COMPLETE)

    def delete_cluster(self, context, cluster):
        """Leave it to `update_cluster_status`, as Heat's driver does."""

    def update_cluster_status(self, context, cluster, use_admin_ctx=False):
        """Call a cluster that is being deleted gone; Magnum asks every ten seconds."""
        if cluster.status == ClusterStatus.DELETE_IN_PROGRESS:
            self._complete(cluster, ClusterStatus.DELETE_COMPLETE)

    def create_nodegroup(self, context, cluster, nodegroup):
        """Call the node group made."""
        nodegroup.status = ClusterStatus.CREATE_COMPLETE

    def update_nodegroup(self, context, cluster, nodegroup):
        """Call the node group changed."""
        nodegroup.status = ClusterStatus.UPDATE_COMPLETE

    def delete_nodegroup(self, context, cluster, nodegroup):
        """Call the node group gone."""
        nodegroup.status = ClusterStatus.DELETE_COMPLETE

    def create_federation(self, context, federation):
        """Refuse: the laboratory makes none."""
        raise NotImplementedError

    update_federation = create_federation
    delete_federation = create_federation

    @staticmethod
    def _complete(cluster, status):
        for nodegroup in cluster.nodegroups:
            nodegroup.status = status
            nodegroup.save()
        cluster.status = status
        cluster.save()
