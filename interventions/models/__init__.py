"""Rows of the acting half, by theme."""

from interventions.models.agent_settings import AgentChange, AgentSettings
from interventions.models.audience import PollVote, Question, QuestionStatus, QuestionUpvote
from interventions.models.audit import AuditRecord
from interventions.models.chat import (
    ChatBlock,
    ChatLine,
    ChatMode,
    ChatOffset,
    ChatSettings,
    ChatState,
)
from interventions.models.deliveries import (
    Delivery,
    ViewKind,
    ViewToken,
    Webhook,
    WebhookMessage,
)
from interventions.models.interventions import (
    ACTED,
    AskedBy,
    Intervention,
    Outcome,
    Transition,
)
from interventions.models.learning import (
    ArmChange,
    ArmSample,
    ArmState,
    Experiment,
    ExperimentStatus,
)
from interventions.models.model_costs import (
    AlertWay,
    BudgetAlert,
    BudgetWindow,
    LlmCall,
    ModelRest,
)
from interventions.models.outgoing import DeliveryStatus, Outgoing
from interventions.models.push import PushKind, PushMessage, PushSubscription
from interventions.models.templates import Template, TemplateStatus

__all__ = [
    "ACTED",
    "AgentChange",
    "AgentSettings",
    "AlertWay",
    "ArmChange",
    "ArmSample",
    "ArmState",
    "AskedBy",
    "AuditRecord",
    "BudgetAlert",
    "BudgetWindow",
    "ChatBlock",
    "ChatLine",
    "ChatMode",
    "ChatOffset",
    "ChatSettings",
    "ChatState",
    "Delivery",
    "DeliveryStatus",
    "Experiment",
    "ExperimentStatus",
    "Intervention",
    "LlmCall",
    "ModelRest",
    "Outcome",
    "Outgoing",
    "PollVote",
    "PushKind",
    "PushMessage",
    "PushSubscription",
    "Question",
    "QuestionStatus",
    "QuestionUpvote",
    "Template",
    "TemplateStatus",
    "Transition",
    "ViewKind",
    "ViewToken",
    "Webhook",
    "WebhookMessage",
]
