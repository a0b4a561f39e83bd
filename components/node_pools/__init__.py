"""The contract that GPU node pools of every kind of cluster share."""
