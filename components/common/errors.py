"""The one error of arguments: every component, and every check of an environment file, refuses with it.

It is a `pulumi.InputPropertyError`, so that a program in any language gets the property and the text instead of a
traceback of Python.
"""

import re
from collections.abc import Sequence
from typing import Any

import pulumi


class UserError(Exception):
    """Base of all errors that a person can mend. A program reports their text without a traceback."""


class ArgumentError(UserError, pulumi.InputPropertyError, ValueError):
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
        reason = f"{rule} ({source})" if source else rule
        super().__init__(property_path(argument), reason)
        self.text = f"{component}: {argument}{given}: {reason}" if argument else f"{component}: {reason}"

    @property
    def faults(self) -> "tuple[ArgumentError, ...]":
        """Every fault that was found, one error each."""
        return (self,)

    def __str__(self) -> str:
        return self.text


class ArgumentsError(ArgumentError):
    """Several arguments of one component are refused; `faults` holds an error for each, the text a line for each."""

    def __init__(self, faults: Sequence[ArgumentError]) -> None:
        first = faults[0]
        super().__init__(first.component, first.argument, first.value, first.rule, first.source)
        self._faults = tuple(faults)
        self.text = "\n".join(fault.text for fault in faults)

    @property
    def faults(self) -> tuple[ArgumentError, ...]:
        """Every fault that was found, one error each."""
        return self._faults


def property_path(argument: str) -> str:
    """Path of an argument as the schema of the component package spells it: `network.pod_cidr` is `network.podCidr`."""
    return re.sub(r"_([a-z0-9])(?![^\[]*\])", lambda letter: letter[1].upper(), argument)
