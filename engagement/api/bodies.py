"""What a body may hold: fields that are known, and of those what differs from what is shown.

Clients read an object, change a part and send the whole back. What comes back as it was shown is no
change, whatever a service would make of it; what is only shown is passed over.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

UNKNOWN: Final = "unknown_field"


class Known:
    """Mixin of a serializer that refuses fields it does not know.

    `shown` is what the API shows of the same thing: names of fields that clients send back with it.
    """

    shown: ClassVar[type[serializers.Serializer[Any]] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked fields. Raises a validation error "unknown_field" that names one."""
        if isinstance(data, Mapping):
            known = {*self.fields, *(self.shown().fields if self.shown else ())}  # type: ignore[attr-defined]
            for name in data:
                if name not in known:
                    raise _unknown(str(name)[:80])
        return super().to_internal_value(data)  # type: ignore[misc]


def _unknown(name: str) -> serializers.ValidationError:
    message = f"There is no field `{name}` here."
    return serializers.ValidationError({name: [message]}, code=UNKNOWN)


def changed(data: Any, shown: Mapping[str, Any]) -> Any:
    """Return of a body what is not as `shown`; what is no object as it is."""
    if not isinstance(data, Mapping):
        return data
    return {
        name: value
        for name, value in data.items()
        if name not in shown or _plain(value) != _plain(shown[name])
    }


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, cls=JSONEncoder)
