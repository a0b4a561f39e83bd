"""Page of the policies, from the rules and settings themselves."""

from collections.abc import Iterable

from modelyard.policies.rules import POLICIES, RESOURCE_RULES, RULES, STACK_RULES, Rule, Settings, StackRule

_HEAD = """\
<!-- Generated: `python -m tools.documentation`. Edit the rules instead. -->
# Policies

The policy pack in `policies/` checks every resource that a stack registers, before it is created, and the stack as a
whole. `make up` and the engine tests run it; elsewhere:

```console
$ uv sync --frozen --project policies
$ pulumi preview --policy-pack policies --policy-pack-config policies.json
```

A mandatory rule stops the deployment, an advisory one warns. Every message names the rule, the resource, the path of
the field, what is wrong there, what is allowed, and what to do:

```text
[pinned-images, high] RayJob team-a/train, spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].image:
`ray:latest` has the moving tag `latest`. Allowed: an image with a version tag or a digest. Fix: …
```
"""

_HOW = """\
## How the pack works

A rule is a plain function over plain data (`policies/rules/`), so it runs without Pulumi:

```python
from modelyard.policies.rules import Resource, evaluate_resource

for violation in evaluate_resource(Resource("kubernetes:ray.io/v1:RayJob", manifest)).violations:
    print(violation.message)
```

- **One policy per level, not per rule.** pulumi-policy decodes a resource's properties again for every policy, and a
  large CRD costs milliseconds each time. So the pack has the policies {policies};
  rules are found by API group and kind.
- **Unknown values.** At a preview some values do not exist yet. A rule that needs one is undecided for that field, and
  an advisory lists it; all other rules still apply to the same resource, and `pulumi up` applies the rest before
  it creates the resource.
- **Rules about the stack** run at the end. In `pulumi up` they stop the preview that precedes it; with `--skip-preview`
  they can only report what already exists.
- **Tenants.** A namespace is a tenant's unless `operatorNamespaces` lists it. Rules marked *tenants* leave operators
  alone; the others (resources, images, credentials) hold for them too.
- **Clouds.** Resources of Azure (azure-native), AWS and OCM are checked by the same four policies, found by provider
  and type. Production is what `productionEnvironments` names by the tag `env`. One set of rules covers node pools of
  all kinds: AKS, ROSA, machine sets, Karpenter.
- **Helm.** The engine never sees the objects that Helm renders. Only chart, version and values are checked.
- **Limits.** Pulumi gives a policy the plain value of its secrets, so a Secret made from a literal cannot be told from
  one made from secret configuration. `*Patch` resources are not checked: they hold only a part of an object.
"""

_EXEMPTIONS = """\
## Exemptions

An object may be exempted from a rule, with a reason of at least 10 characters, by an annotation:

```yaml
metadata:
  annotations:
    modelyard.dev/policy-exempt: "job-deadline=interactive cluster of the spring course, ends on 30 June"
```

A cloud's resource carries the same text as its tag `policy-exempt`. Several are separated by `;`. Every preview lists
them, with their reasons, as advisories; one that is not valid is ignored, and the advisory says why. These rules allow
none: {strict}.
`exemptions: false` in the configuration forbids all.
"""


def render_page() -> str:
    """The whole page."""
    strict = ", ".join(f"`{rule.name}`" for rule in RULES.values() if not rule.exemptable)
    return "\n".join(
        [
            _HEAD,
            "## Rules about one resource\n",
            *_table(RESOURCE_RULES),
            "\n## Rules about the stack\n",
            *_table(STACK_RULES),
            "",
            _HOW.format(policies=", ".join(f"`{policy}`" for policy in POLICIES)),
            _EXEMPTIONS.format(strict=strict),
            *_configuration(),
        ]
    )


def _table(rules: Iterable[Rule | StackRule]) -> list[str]:
    lines = ["| rule | level | what | why | how to fix | source |", "|---|---|---|---|---|---|"]
    for rule in rules:
        level = f"{rule.level}, {rule.severity}"
        if isinstance(rule, Rule) and rule.tenants_only:
            level += ", tenants"
        cells = (f"`{rule.name}`", level, rule.requirement, rule.reason, rule.fix, rule.source)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return lines


def _configuration() -> list[str]:
    lines = [
        "## Configuration\n",
        "The file of `--policy-pack-config` gives the same settings to each policy of the pack;",
        "`modelyard.policies.rules.pack_config(Settings(...))` writes it. A wrong key or value stops the preview.\n",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{field.alias}` | {_default(name)} | {_MEANINGS[name]} |")
    return [*lines, ""]


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{entry}`" for entry in value) or "empty"
    return f"`{value}`" if value else "empty"


_MEANINGS = {
    "production": "everything is production: images must be pinned by digest",
    "production_environments": "names of environments whose clusters and storage are production's, by their tag `env`",
    "cloud_tags": "tags that every resource of a cloud carries",
    "machine_types": 'patterns of machine types that GPU pools may have: `["Standard_NC*_A100_v4"]`; empty: any',
    "max_nodes_per_pool": "nodes that one pool may grow to",
    "log_days": "days that logs are kept at least",
    "operator_namespaces": "namespaces that are no tenants",
    "registries": "registries, or paths in them, that images may come from; empty: any",
    "namespace_labels": "labels that every tenant namespace carries",
    "allowed_host_paths": "folders of a node that volumes may lie in",
    "max_gpus_per_container": "devices that one container may ask for",
    "gpu_taints": "keys of the taints on GPU nodes",
    "capacity": 'what all nodes offer together, by resource: `{"nvidia.com/gpu": "1"}`',
    "flavor_capacity": 'the same by Kueue resource flavor: `{"a100": {"nvidia.com/gpu": "16"}}`',
    "exemptions": "whether annotations may exempt objects",
    "levels": '`mandatory`, `advisory` or `disabled` for single rules: `{"job-deadline": "advisory"}`',
}
