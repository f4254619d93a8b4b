"""What an attendee says of herself before she joins."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.vocabulary.display_name import name_of
from engagement.vocabulary.errors import ProblemError


class NameForm(forms.Form):
    """What an attendee wants to be called, or nothing."""

    name = forms.CharField(
        label=gettext_lazy("Your name (optional)"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "nickname"}),
    )
    opts_out = forms.BooleanField(
        label=gettext_lazy("Count me out of the score. I can still vote."), required=False
    )

    def clean_name(self) -> str:
        """Return the name; what has nothing to see in it is none."""
        try:
            return name_of(self.cleaned_data["name"])
        except ProblemError:
            message = _("There are hidden characters in this name. Type it again.")
            raise forms.ValidationError(message) from None
