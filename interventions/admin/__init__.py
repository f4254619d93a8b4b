"""What staff see of the acting half: the queue, what was learned, wordings, experiments, webhooks, costs."""

from interventions.admin import approvals, arms, audit_log, costs, experiments, templates, webhooks

__all__ = [
    "approvals",
    "arms",
    "audit_log",
    "costs",
    "experiments",
    "templates",
    "webhooks",
]
