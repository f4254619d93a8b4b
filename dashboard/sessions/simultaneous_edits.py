"""Two people who change the same settings: the second one is told, before hers replace the other's."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)


class MeanwhileMixin(forms.BaseModelForm[M]):
    """A form whose page carries the mark of what was stored when it was opened (`seen`).

    Where something else is stored when it is sent, nothing is saved: the error names every field that
    differs, with what is stored now, and sending again replaces that. A form that carries no mark is
    saved as it is. `beside`: stored values that are part of the page and no fields of the form.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def beside(self) -> dict[str, Any]:
        """What else the page shows, by its label."""
        return {}

    def mark(self) -> str:
        """Return the mark of what is stored; the same values give the same one."""
        stored = {name: self.initial.get(name) for name in self.fields if name != "seen"}
        text = json.dumps([stored, self.beside], default=str, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Return the mark for `seen`, else what any form does."""
        return (
            self.mark()
            if field_name == "seen"
            else super().get_initial_for_field(field, field_name)
        )

    def clean(self) -> dict[str, Any]:
        """Refuse what was typed beside values that are no longer stored. Asks once for each state."""
        data = super().clean() or {}
        seen = data.get("seen")
        if self.instance.pk and seen and seen != self.mark():
            again = cast(QueryDict, self.data).copy()
            again[self.add_prefix("seen")] = self.mark()
            self.data = again
            told = _(
                "Somebody else changed these settings meanwhile. Nothing of yours is saved yet."
            )
            self.add_error(None, [told, *self._differing(data)])
        return data

    def _differing(self, data: dict[str, Any]) -> Iterator[str]:
        for name in self.changed_data:
            if name != "seen" and name in data:
                bound = self[name]
                yield _("%(field)s: now “%(value)s”. Save again to replace it.") % {
                    "field": capfirst(str(bound.label)),
                    "value": shown(bound.field, self.initial.get(name)),
                }


def shown(field: forms.Field, value: Any) -> str:
    """Return a stored value in the words of its field: the choice's name, yes or no, else as it is typed."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    found = field.widget.format_value(field.prepare_value(value))
    return "" if found is None else str(found)
