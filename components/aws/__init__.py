"""AWS resources that ROSA environments need: provider, keys, buckets, roles."""
