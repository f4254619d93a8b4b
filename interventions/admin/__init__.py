"""What staff see of the acting half: the queue, what was learned, wordings, experiments, webhooks, costs."""

from interventions.admin import (
    approvals,
    audit_log,
    costs_page,
    experiment_pages,
    learned,
    webhook_pages,
    wordings,
)

__all__ = [
    "approvals",
    "audit_log",
    "costs_page",
    "experiment_pages",
    "learned",
    "webhook_pages",
    "wordings",
]
