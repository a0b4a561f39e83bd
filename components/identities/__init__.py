"""Identities: what a workspace's pods may do in the cloud, without any key."""
