"""People who are signed in somewhere."""

from django.contrib.auth.models import User
from django.test import Client

from engagement.organisations.logins import Login


def signed_in(user: User) -> tuple[Login, Client]:
    """A login of a person on a new device, and the browser that holds it."""
    client = Client()
    client.force_login(user)
    return Login(user.pk, str(client.session.session_key)), client
