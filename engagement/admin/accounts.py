"""Accounts and groups as Django shows them, narrowed by what their filters offer only."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from engagement.admin.base import OfferedLookups

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(OfferedLookups[User], UserAdmin[User]):
    """The accounts of this server."""


@admin.register(Group)
class AccountGroupAdmin(OfferedLookups[Group], GroupAdmin):
    """What staff of a kind may see and do."""
