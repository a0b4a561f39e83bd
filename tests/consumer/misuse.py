"""Mistakes in a consumer's program that a type checker finds."""

import modelyard.components as yard

yard.ExistingCluster("misspelt", {"kubeconfg": "admin.conf"})  # error
yard.ExistingCluster("number", {"kubeconfig": 7})  # error
yard.Kueue("text", {"installer": "charts", "source": "charts/kueue"})  # error: no member of the closed choice
yard.EksCluster("none", {})  # error: no such component
