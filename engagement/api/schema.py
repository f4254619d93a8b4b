"""What every operation of the API has in common in its OpenAPI description: errors, limits, keys."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from engagement.vocabulary.errors import Category


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong. `code` is stable; `message` may be shown to a person."""

    category = serializers.ChoiceField(choices=[each.value for each in Category])
    code = serializers.CharField()
    message = serializers.CharField()
    request_id = serializers.CharField()
    field = serializers.CharField(required=False, help_text="The field to blame, where one is.")
    retry_after = serializers.IntegerField(
        required=False, help_text="Seconds to wait, where waiting helps."
    )


class ErrorSerializer(serializers.Serializer[Any]):
    """The envelope of every error."""

    error = ProblemSerializer()


READING: Final = (400, 401, 403, 404, 406, 429, 503)
WRITING: Final = (*READING, 409, 413, 415)


_VERBS: Final = {
    "GET": "get", "POST": "add", "PUT": "set", "PATCH": "change", "DELETE": "remove",
}  # fmt: skip


def _one(name: str) -> str:
    """Return the word for one of several."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


class Schema(AutoSchema):
    """Adds the errors that any operation may answer with."""

    def get_tags(self) -> list[str]:
        """Group by the part of the path that says what it is about."""
        names = [
            part for part in self.path.removeprefix("/api/v1/").split("/") if part and "{" not in part
        ]  # fmt: skip
        return [names[1] if names[0] == "sessions" and len(names) > 1 else names[0]]

    def get_operation_id(self) -> str:
        """Return what a client calls it: `list_sessions`, `get_session_agent`, `approve_intervention`."""
        words = self.path.removeprefix("/api/v1/").replace("-", "_").strip("/").split("/")
        names = [word for word in words if "{" not in word]
        verb = _VERBS[self.method]
        if self.method == "GET" and self._is_list_view():
            return "_".join(["list", *(names if len(names) == 1 else [_one(names[0]), *names[1:]])])
        if self.method == "POST" and len(names) > 1:
            if words[-1] == names[-1]:
                return f"{names[-1]}_{_one(names[0])}"
            verb = "decide"
        return "_".join([verb, _one(names[0]), *names[1:]])

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in READING if self.method == "GET" else WRITING:
            bodies.setdefault(
                str(code),
                self._get_response_for_code(  # type: ignore[no-untyped-call]
                    ErrorSerializer, str(code), ["application/json"]
                ),
            )
        bodies["429"]["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        }
        return bodies


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer <key>`; `X-Api-Key: <key>` means the same."""

    target_class = "engagement.api.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return how the key is sent."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of `manage.py createapikey`.",
        }
