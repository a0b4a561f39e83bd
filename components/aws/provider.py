"""The AWS provider of a component that says itself in which account and region it is.

Without one of its own it would go wherever the program's environment points: a cluster's subnets into another region
than its zones, or all of it into another account than the one it names.
"""

from collections.abc import Mapping

import pulumi


def with_provider(
    name: str, opts: pulumi.ResourceOptions | None, *, region: str, account_id: str
) -> pulumi.ResourceOptions:
    """Options that hold a provider for AWS: the one that was given, or one for exactly this account and region.

    Args:
        name: of the component.
        opts: as the component got them.
        region: where its resources are.
        account_id: the provider refuses credentials of any other.
    """
    given = opts or pulumi.ResourceOptions()
    if _has_aws(given):
        return given
    import pulumi_aws  # noqa: PLC0415 - loaded by programs that use AWS

    made = pulumi_aws.Provider(
        f"{name}-aws",
        region=region,  # type: ignore[arg-type]  # the enumeration lags behind the regions
        allowed_account_ids=[account_id],
        opts=pulumi.ResourceOptions(parent=given.parent),
    )
    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(providers=[made]))


def _has_aws(opts: pulumi.ResourceOptions) -> bool:
    if opts.parent is not None and opts.parent.get_provider("aws:index/provider:Provider") is not None:
        return True
    many = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or []
    return any(one.package == "aws" for one in [*many, *([opts.provider] if opts.provider else [])])
