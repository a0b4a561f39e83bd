"""Pure builders of Kubernetes objects: frozen values in, a plain object out; no Pulumi, no input or output.

Each module builds one kind. Amounts are integers in the unit that their name says (millicores, MiB), so that no value
is rounded twice, and keys come in a fixed order, so that equal inputs give equal text.
"""
