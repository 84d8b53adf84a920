"""Container images without a registry: named by content, built once, loaded into containerd."""
