"""The door of people with an account."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.access import name_of
from dashboard.account.sign_in import SignInForm, refused
from engagement.models import ActKind
from engagement.organisations import audit


class SignIn(LoginView):
    """Name and password; somebody who is signed in is led on."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, with what is wrong."""
        return refused(form, super().form_invalid(form))


class SignOut(LogoutView):
    """The end of a login, with all that rests on it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Note who went, then forget her here."""
        if isinstance(request.user, User):
            audit.note(ActKind.SIGNED_OUT, who=name_of(request.user), now=timezone.now())
        return super().post(request, *args, **kwargs)
