"""What is true of Kubernetes' own objects, as data that every part of the repository reads."""
