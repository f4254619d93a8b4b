"""Rows of the acting half, by theme."""

from interventions.models.writing import BudgetWindow, LlmCall, ModelRest, Template, TemplateStatus

__all__ = ["BudgetWindow", "LlmCall", "ModelRest", "Template", "TemplateStatus"]
