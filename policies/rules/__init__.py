"""The rules of the policy pack: plain functions over plain data, no Pulumi.

`evaluate_resource` applies every rule that covers one resource, `evaluate_stack` those about a whole stack. The policy
pack around them is `modelyard.policies.pack`.
"""

from .configuration import POLICIES, BadConfigurationError, pack_config, read_settings, schema
from .evaluation import Verdict, concerns, concerns_stack, evaluate_resource, evaluate_stack
from .exemption import ANNOTATION, Exemption
from .field import UNKNOWN, Field, UndecidedError
from .image import Image, parse_image
from .quantity import parse_quantity
from .resource import EXEMPT_TAG, Kind, Resource, kind_of
from .rule import Finding, Level, Rule, Severity, StackRule, Violation
from .rulebook import RESOURCE_RULES, RULES, STACK_RULES
from .settings import Settings

__all__ = [
    "ANNOTATION",
    "EXEMPT_TAG",
    "POLICIES",
    "RESOURCE_RULES",
    "RULES",
    "STACK_RULES",
    "UNKNOWN",
    "BadConfigurationError",
    "Exemption",
    "Field",
    "Finding",
    "Image",
    "Kind",
    "Level",
    "Resource",
    "Rule",
    "Settings",
    "Severity",
    "StackRule",
    "UndecidedError",
    "Verdict",
    "Violation",
    "concerns",
    "concerns_stack",
    "evaluate_resource",
    "evaluate_stack",
    "kind_of",
    "pack_config",
    "parse_image",
    "parse_quantity",
    "read_settings",
    "schema",
]
