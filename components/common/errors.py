"""Error of refused arguments, for all components and for the checks of environment files.

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

    The text reads: where, the value, the rule and how to mend the fault, and the source of the rule, as in
    `gpu-dev: kubernetes_version = '1.3x': must be written '1.33' or '1.33.2' (AKS, supported Kubernetes versions)`.
    """

    def __init__(self, component: str, argument: str, value: Any, rule: str, source: str = "") -> None:
        """Compose the text.

        Args:
            component: name of the resource in the program.
            argument: path of the argument, such as `network.pod_cidr` or `taints[0]`; empty for the whole component.
            value: refused value; None is not shown. Never a secret.
            rule: what is allowed, and how to mend it.
            source: document or code that states the rule, with its version where it has one.
        """
        self.component, self.argument, self.value, self.rule, self.source = component, argument, value, rule, source
        shown = "" if value is None else f" = {value!r}"
        reason = f"{rule} ({source})" if source else rule
        super().__init__(property_path(argument), reason)
        self.text = f"{component}: {argument}{shown}: {reason}" if argument else f"{component}: {reason}"

    @property
    def faults(self) -> "tuple[ArgumentError, ...]":
        """Errors of all refused arguments."""
        return (self,)

    def __str__(self) -> str:
        return self.text


class ArgumentsError(ArgumentError):
    """Several arguments of a component are refused: `faults` holds an error, and the text a line, for each."""

    def __init__(self, faults: Sequence[ArgumentError]) -> None:
        first = faults[0]
        super().__init__(first.component, first.argument, first.value, first.rule, first.source)
        self._faults = tuple(faults)
        self.text = "\n".join(fault.text for fault in faults)

    @property
    def faults(self) -> tuple[ArgumentError, ...]:
        """Errors of all refused arguments."""
        return self._faults


def property_path(argument: str) -> str:
    """Path of an argument as the schema of the component package spells it: `network.pod_cidr` is `network.podCidr`."""
    return re.sub(r"_([a-z0-9])(?![^\[]*\])", lambda letter: letter[1].upper(), argument)
