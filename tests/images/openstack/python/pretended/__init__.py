"""What stands in for machines: ports and Kubernetes clusters that are ready at once."""
