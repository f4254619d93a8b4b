"""Who did what: every log in one list, newest first."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import RecordAdmin
from engagement.models import ActKind
from interventions.kinds.registry import kind_name
from interventions.models.audit import AuditRecord
from interventions.vocabulary.labels import status_name

_CHANGES = {
    **dict(ActKind.choices),
    "mode": _("Mode"),
    "stop": _("Stopped"),
    "resume": _("Goes on"),
    "unread": _("Texts of a model are sent unread"),
    "read": _("Texts of a model are read first"),
    "lock": _("Room locked"),
    "unlock": _("Room open again"),
    "remove": _("Person removed"),
    "return": _("Person let in again"),
    "word": _("Words asked for"),
    "noword": _("No words asked for"),
    "reset": _("Reset"),
    "import": _("Imported"),
    "added": _("added"),
    "changed": _("changed"),
    "deleted": _("deleted"),
}


@admin.register(AuditRecord)
class AuditRecordAdmin(RecordAdmin):
    """Steps of suggestions, changes of the agent, of what it learned, and those made in here."""

    list_display = ("time", "person", "theme", "act", "detail", "session")
    list_filter = ("theme", "by", "session__event__organisation")
    search_fields = ("session__title", "session__code", "who")
    search_help_text = _("Title or join code of a session, or who")
    list_display_links = None
    ordering = ("-time",)

    def has_view_permission(self, request: HttpRequest, obj: AuditRecord | None = None) -> bool:
        """Whoever may see suggestions may see what was done with them."""
        return bool(request.user.has_perm("interventions.view_intervention"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As above."""
        return self.has_view_permission(request)

    @admin.display(description=_("who"), ordering="who")
    def person(self, record: AuditRecord) -> str:
        """Return the name as it was then, or what acted."""
        return record.who or str(record.get_by_display())

    @admin.display(description=_("what"))
    def act(self, record: AuditRecord) -> SafeString | str:
        """Return the act as words; a suggestion's leads to its page."""
        if record.theme != "suggestion":
            change = _CHANGES.get(record.subject, record.subject)
            after = _CHANGES.get(record.after, record.after)
            return f"{change}: {after}" if record.after else str(change)
        page = reverse("admin:interventions_intervention_change", args=[record.intervention_id])
        name = kind_name(record.subject) or _("Suggestion")
        before = f"{status_name(record.before)} → " if record.before else ""
        return format_html(
            '<a href="{}">{} #{}</a>: {}{}', page, name, record.intervention_id, before,
            status_name(record.after),
        )  # fmt: skip
