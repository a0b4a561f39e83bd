"""GPU node pools: one component per kind of cluster, and one facade over them."""
