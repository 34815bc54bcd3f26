"""A real Kubernetes with one node: built from Debian's packages, run in namespaces of its own."""
