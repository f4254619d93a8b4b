"""Organisations with their people and keys."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.admin.base import OfferedLookups
from engagement.models import (
    ActKind,
    ApiKey,
    Membership,
    Organisation,
)
from engagement.organisations import audit


class MembershipInline(admin.TabularInline[Membership, Organisation]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Organisation)
class OrganisationAdmin(OfferedLookups[Organisation]):
    list_display = ("name", "people", "events_held", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        """Count people and events in the same query."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=Count("memberships", distinct=True),
                event_count=Count("events", distinct=True),
            )
        )

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, organisation: Any) -> int:
        """Return how many members it has."""
        return int(organisation.people_count)

    @admin.display(description=_("events"), ordering="event_count")
    def events_held(self, organisation: Any) -> int:
        """Return how many events it has."""
        return int(organisation.event_count)


@admin.register(ApiKey)
class ApiKeyAdmin(OfferedLookups[ApiKey]):
    """Keys are made by `manage.py createapikey`, which shows them once; here they are revoked."""

    list_display = (
        "name",
        "prefix",
        "organisation",
        "scopes",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = ("organisation", "can_write_signals", "can_read", "can_act", "can_edit_library")
    search_fields = ("name", "prefix")
    search_help_text = _(
        "A key is made on the server with “manage.py createapikey”, which shows it once."
        " Here keys are looked up and revoked."
    )
    readonly_fields = ("organisation", "prefix", "created_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a key made here could not be shown."""
        return False

    @admin.display(description=_("may"))
    def scopes(self, key: ApiKey) -> str:
        """Return what it may do, in words."""
        words = [
            (key.can_write_signals, _("send signals")),
            (key.can_read, _("read")),
            (key.can_act, _("act")),
            (key.can_edit_library, _("change wordings")),
        ]
        return ", ".join(str(word) for may, word in words if may) or "–"

    @admin.action(description=_("Revoke the selected keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """Revoke keys; those revoked before stay as they were."""
        now, count = timezone.now(), 0
        for key in chosen.filter(revoked_at=None):
            key.revoked_at = now
            key.save(update_fields=["revoked_at"])
            who = request.user.get_username()
            audit.note(
                ActKind.KEY_REVOKED, who=who, now=now, organisation_id=key.organisation_id,
                detail=str(key),
            )  # fmt: skip
            count += 1
        said = ngettext("%d key revoked.", "%d keys revoked.", count)
        self.message_user(request, said % count, messages.SUCCESS)
