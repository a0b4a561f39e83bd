"""A budget that mails when a month costs more than planned. It stops nothing."""

import pulumi
from modelyard.components.rosa.cluster.args import RosaBudgetArgs

NOTICES = ((80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"))
"""Percent of the month's amount, and whether it is spent or foreseen."""


def budget(name: str, cluster: str, args: RosaBudgetArgs, *, tags: dict[str, str], parent: pulumi.Resource) -> None:
    """Registers it, over the whole account: tags count in AWS budgets only once somebody has activated them as cost
    allocation tags, and a budget that sees nothing is worse than one that sees too much.

    Args:
        name: of the component.
        cluster: its name in OCM.
        args: amount and addresses.
        tags: of the budget.
        parent: the component.
    """
    from pulumi_aws import budgets  # noqa: PLC0415 - loaded by programs that have such a cluster

    budgets.Budget(
        f"{name}-budget",
        name=f"{cluster}-monthly",
        budget_type="COST",
        limit_amount=f"{float(args['amount_per_month']):.2f}",
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": kind,
                "threshold": threshold,
                "threshold_type": "PERCENTAGE",
                "subscriber_email_addresses": list(args["emails"]),
            }
            for threshold, kind in NOTICES
        ],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
