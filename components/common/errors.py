"""The one error of arguments: every component, and every check of an environment file, refuses with it.

It is a `pulumi.InputPropertyError`, so that a program in any language gets the property and the text instead of a
traceback of Python.
"""

from typing import Any

import pulumi


class ArgumentError(pulumi.InputPropertyError, ValueError):
    """An argument of a component is refused before anything is registered.

    The text reads: where, what was given, what is allowed and how to mend it, and the source of the rule, as in
    `gpu-dev: kubernetes_version = '1.3x': must be written '1.33' or '1.33.2' (AKS, supported Kubernetes versions)`.
    """

    def __init__(self, component: str, argument: str, value: Any, rule: str, source: str = "") -> None:
        """Compose the text.

        Args:
            component: name of the resource in the program.
            argument: path of the argument, such as `network.pod_cidr` or `taints[0]`; empty for the whole component.
            value: the value that was given; None is not shown. Never a secret.
            rule: what is allowed, and how to mend it.
            source: document or code that states the rule, with its version where it has one.
        """
        self.component, self.argument, self.value, self.rule, self.source = component, argument, value, rule, source
        given = "" if value is None else f" = {value!r}"
        reason = f"{argument}{given}: {rule}" if argument else rule
        self.text = f"{component}: {reason}" + (f" ({source})" if source else "")
        super().__init__(property_path(argument), self.text)

    def __str__(self) -> str:
        return self.text


def property_path(argument: str) -> str:
    """Path of an argument as the schema of the component package spells it: `network.pod_cidr` is `network.podCidr`."""
    head, *rest = argument.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
