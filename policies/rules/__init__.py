"""The rules of the policy pack: plain functions over plain data, no Pulumi.

`judge` runs every rule that concerns one resource, `judge_stack` those about a whole stack. The policy pack around them
is `modelyard.policies.pack`.
"""

from .configuration import POLICIES, BadConfigurationError, pack_config, read_settings, schema
from .exemption import ANNOTATION, Exemption
from .field import UNKNOWN, Field, UndecidedError
from .image import Image, parse_image
from .judge import Verdict, concerns, concerns_stack, judge, judge_stack
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
    "judge",
    "judge_stack",
    "kind_of",
    "pack_config",
    "parse_image",
    "parse_quantity",
    "read_settings",
    "schema",
]
