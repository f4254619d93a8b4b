"""What staff do with wordings: edit, preview, approve, retire, ask for more."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.admin.base import OfferedLookups
from interventions import tasks
from interventions.agent.writing import writer
from interventions.agent.writing.template_library import template_selection
from interventions.agent.writing.template_library.placeholders import SAMPLE, fill
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import shape_of
from interventions.models import Template, TemplateStatus


class TemplateForm(forms.ModelForm[Template]):
    """Refuses what could not be shown; the same gate stands before every audience."""

    options_text = forms.CharField(
        label=_("options"), required=False, widget=forms.Textarea(attrs={"rows": 4, "cols": 30}),
        help_text=_("One per line, for polls and quizzes; teams for a challenge."),
    )  # fmt: skip
    correct_place = forms.IntegerField(
        label=_("right option"), required=False, min_value=1, max_value=4,
        help_text=_("For a quiz: which line is right, 1 to 4."),
    )  # fmt: skip

    class Meta:
        model = Template
        fields = ("kind", "style", "language", "text", "seconds", "group")
        help_texts: ClassVar = {"text": _("{topic} and {speaker} are filled in.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["options_text"].initial = "\n".join(self.instance.options)
        if self.instance.correct is not None:
            self.fields["correct_place"].initial = self.instance.correct + 1

    def clean(self) -> dict[str, Any]:
        """Hold the wording against the gate. Raises ValidationError with the gate's code."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        lines = data["options_text"].splitlines()
        data["options"] = [line.strip() for line in lines if line.strip()]
        place = data["correct_place"]
        data["correct"] = None if place is None else place - 1
        data["seconds"] = data["seconds"] or shape_of(Kind(data["kind"])).usual_seconds
        content = Content(
            Kind(data["kind"]), data["language"], data["text"], tuple(data["options"]),
            data["correct"], data["seconds"],
        )  # fmt: skip
        if found := template_selection.problem(content):
            raise forms.ValidationError(
                _("This could not be shown: %(code)s."), params={"code": str(found)}, code="gate"
            )
        return data


@admin.register(Template)
class TemplateAdmin(OfferedLookups[Template]):
    """Drafts first: they are the queue."""

    form = TemplateForm
    list_display = (
        "text", "kind", "style", "language", "status", "source", "group", "times_sent",
        "times_measured", "mean_lift",
    )  # fmt: skip
    list_filter = ("status", "kind", "language", "style", "source")
    search_fields = ("text", "group", "key")
    ordering = ("-status", "kind", "language", "style", "pk")
    actions = ("approve", "retire", "propose")
    readonly_fields = (
        "preview", "status", "source", "author", "approved_by", "approved_at", "retired_at",
        "times_sent", "times_measured", "mean_lift", "created_at",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("kind", "style", "language", "text", "options_text", "correct_place",
                           "seconds", "group", "preview")}),
        (_("State"), {"fields": ("status", "source", "author", "approved_by", "approved_at",
                                 "retired_at", "created_at")}),
        (_("Results"), {"fields": ("times_sent", "times_measured", "mean_lift")}),
    )  # fmt: skip

    def save_model(
        self, request: HttpRequest, obj: Template, form: "forms.ModelForm[Template]", change: bool
    ) -> None:
        """Keep what the form made of the options. Changed words wait for approval again."""
        data = form.cleaned_data
        obj.options, obj.correct, obj.seconds = data["options"], data["correct"], data["seconds"]
        if change and form.has_changed() and obj.status == TemplateStatus.APPROVED:
            obj.status = TemplateStatus.DRAFT
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a template with results is retired, not lost."""
        return False

    @admin.display(description=_("preview"))
    def preview(self, template: Template) -> SafeString | str:
        """Return the wording as people will see it, with sample values."""
        if template._state.adding:
            return "–"
        filled = fill(template.content(), SAMPLE)
        if filled is None:
            return "–"
        options = format_html_join("", "<li>{}</li>", ((option,) for option in filled.options))
        return format_html("<p><strong>{}</strong></p><ol>{}</ol>", filled.text, options)

    @admin.display(description=_("mean lift"))
    def mean_lift(self, template: Template) -> str:
        """Return the points over forecast a sending brought on average."""
        if not template.times_measured:
            return "–"
        return f"{template.lift_total / template.times_measured:+.1f}"

    @admin.action(description=_("Approve the selected templates"), permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Template]) -> None:
        """Approve what passes the gate."""
        self._set(
            request,
            chosen,
            lambda ids: template_selection.approve(ids, request.user, timezone.now()),
        )

    @admin.action(description=_("Retire the selected templates"), permissions=["change"])
    def retire(self, request: HttpRequest, chosen: QuerySet[Template]) -> None:
        """Use them no more."""
        self._set(request, chosen, lambda ids: template_selection.retire(ids, timezone.now()))

    @admin.action(
        description=_("Ask the model for variants of the selected templates"),
        permissions=["change"],
    )
    def propose(self, request: HttpRequest, chosen: QuerySet[Template]) -> None:
        """Have a worker ask; what comes waits here as drafts."""
        if not writer.is_on():
            self.message_user(request, _("No model is set up."), messages.WARNING)
            return
        ids = list(chosen.values_list("pk", flat=True))
        transaction.on_commit(lambda: tasks.propose_variants.delay(ids))
        self.message_user(
            request, _("Asked. Proposals appear here as drafts in a moment."), messages.SUCCESS
        )

    def _set(
        self, request: HttpRequest, chosen: QuerySet[Template], do: Callable[[list[int]], int]
    ) -> None:
        before = {template.pk: template.status for template in chosen}
        count = do(list(before))
        for template in Template.objects.filter(pk__in=list(before)):
            if template.status != before[template.pk]:
                self.log_change(request, template, [{"changed": {"fields": ["status"]}}])
        text = ngettext("%d template changed.", "%d templates changed.", count) % count
        self.message_user(request, text, messages.SUCCESS)
