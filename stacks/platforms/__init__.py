"""One module per kind of platform: how its cluster and node pools are validated and deployed."""
