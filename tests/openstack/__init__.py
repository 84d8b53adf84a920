"""A real OpenStack control plane for tests, as a pod: see docs/testing-openstack.md."""
