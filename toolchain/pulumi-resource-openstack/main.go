// The OpenStack resource provider of Pulumi: terraform-provider-openstack behind Pulumi's bridge, as
// the release of the Python SDK's version has it, for the resources that a cluster of ours needs.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

// The version of the Python SDK, which asks for a plugin of exactly this one.
var version = "0.0.0"

// Resources by Terraform's name, with the token by which the Python SDK asks for each.
var resources = map[string]string{
	"openstack_blockstorage_volume_v3":             "blockstorage/volume:Volume",
	"openstack_compute_instance_v2":                "compute/instance:Instance",
	"openstack_compute_keypair_v2":                 "compute/keypair:Keypair",
	"openstack_compute_servergroup_v2":             "compute/serverGroup:ServerGroup",
	"openstack_containerinfra_cluster_v1":          "containerinfra/cluster:Cluster",
	"openstack_containerinfra_nodegroup_v1":        "containerinfra/nodeGroup:NodeGroup",
	"openstack_identity_application_credential_v3": "identity/applicationCredential:ApplicationCredential",
	"openstack_identity_ec2_credential_v3":         "identity/ec2CredentialV3:Ec2CredentialV3",
	"openstack_lb_listener_v2":                     "loadbalancer/listener:Listener",
	"openstack_lb_loadbalancer_v2":                 "loadbalancer/loadBalancer:LoadBalancer",
	"openstack_lb_member_v2":                       "loadbalancer/member:Member",
	"openstack_lb_pool_v2":                         "loadbalancer/pool:Pool",
	"openstack_networking_floatingip_associate_v2": "networking/floatingIpAssociate:FloatingIpAssociate",
	"openstack_networking_floatingip_v2":           "networking/floatingIp:FloatingIp",
	"openstack_networking_network_v2":              "networking/network:Network",
	"openstack_networking_port_v2":                 "networking/port:Port",
	"openstack_networking_router_interface_v2":     "networking/routerInterface:RouterInterface",
	"openstack_networking_router_v2":               "networking/router:Router",
	"openstack_networking_secgroup_rule_v2":        "networking/secGroupRule:SecGroupRule",
	"openstack_networking_secgroup_v2":             "networking/secGroup:SecGroup",
	"openstack_networking_subnet_v2":               "networking/subnet:Subnet",
	"openstack_sharedfilesystem_share_access_v2":   "sharedfilesystem/shareAccess:ShareAccess",
	"openstack_sharedfilesystem_share_v2":          "sharedfilesystem/share:Share",
	"openstack_sharedfilesystem_sharenetwork_v2":   "sharedfilesystem/shareNetwork:ShareNetwork",
}

// Look-ups: what a site file names and OpenStack wants by its id.
var lookups = map[string]string{
	"openstack_containerinfra_clustertemplate_v1": "containerinfra/getClusterTemplate:getClusterTemplate",
	"openstack_networking_network_v2":             "networking/getNetwork:getNetwork",
}

func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                       shimv2.NewProvider(openstack.Provider()),
		Name:                    "openstack",
		Version:                 version,
		GitHubOrg:               "terraform-provider-openstack",
		TFProviderModuleVersion: "v3",
		MetadataInfo:            tfbridge.NewProviderMetadata([]byte("{}")),
		Resources:               map[string]*tfbridge.ResourceInfo{},
		DataSources:             map[string]*tfbridge.DataSourceInfo{},
	}
	for name, token := range resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type("openstack:" + token)}
	}
	for name, token := range lookups {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember("openstack:" + token)}
	}
	info.IgnoreMappings = unmapped(info)
	return info
}

// unmapped returns what the bridge is not to miss.
func unmapped(info tfbridge.ProviderInfo) []string {
	var names []string
	for _, known := range []shim.ResourceMap{info.P.ResourcesMap(), info.P.DataSourcesMap()} {
		known.Range(func(name string, _ shim.Resource) bool {
			if info.Resources[name] == nil && info.DataSources[name] == nil {
				names = append(names, name)
			}
			return true
		})
	}
	return names
}

func main() {
	// the schema is for other languages' SDKs: Python's carries its own
	tfbridge.Main("openstack", version, provider(), []byte("{}"))
}
