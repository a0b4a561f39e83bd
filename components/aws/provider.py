"""AWS provider of a component whose arguments name its account and region.

Without a provider of its own the component would go to the account and region of the program's environment: the subnets
of a cluster into another region than its zones, or all of it into another account.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws


def with_aws_provider(
    name: str, opts: pulumi.ResourceOptions | None, *, region: str, account_id: str
) -> pulumi.ResourceOptions:
    """Return options with an AWS provider: the caller's, or a new one for exactly this account and region.

    Args:
        name: name of the component.
        opts: options of the component.
        region: region of its resources.
        account_id: account of its resources; the provider refuses credentials of any other.
    """
    opts = opts or pulumi.ResourceOptions()
    if _has_aws_provider(opts):
        return opts
    provider = pulumi_aws.Provider(
        f"{name}-aws",
        region=region,  # type: ignore[arg-type]  # the enumeration lags behind the regions
        allowed_account_ids=[account_id],
        opts=pulumi.ResourceOptions(parent=opts.parent),
    )
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[provider]))


def _has_aws_provider(opts: pulumi.ResourceOptions) -> bool:
    if opts.parent is not None and opts.parent.get_provider("aws:index/provider:Provider") is not None:
        return True
    providers = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or []
    return any(provider.package == "aws" for provider in [*providers, *([opts.provider] if opts.provider else [])])
