"""The OpenAPI description as a page for people: the same facts, no script."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it is read: what is sent as (name, type, where, help), examples as JSON."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str, str, str], ...]
    fields: tuple[tuple[str, str, str, str], ...]
    examples: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]


def chapters(found: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations of an OpenAPI description by their tag, in the order of their paths."""
    by_tag: dict[str, list[Operation]] = {}
    for tag, operation in _operations(found):
        by_tag.setdefault(tag, []).append(operation)
    return by_tag


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in found["paths"].items():
        for method in METHODS:
            if method in methods:
                each = methods[method]
                yield each["tags"][0], _operation(method, path, each, found)


def _operation(
    method: str, path: str, each: Mapping[str, Any], found: Mapping[str, Any]
) -> Operation:
    body = each.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=each.get("summary", ""),
        description=each.get("description", ""),
        parameters=tuple(
            (one["name"], type_of(one["schema"]), one["in"], one.get("description", ""))
            for one in each.get("parameters", [])
        ),
        fields=tuple(_fields(body.get("schema", {}), found)),
        examples=tuple(
            (name, json.dumps(one["value"], indent=1, ensure_ascii=False))
            for name, one in body.get("examples", {}).items()
        ),
        answers=tuple(code for code in each["responses"] if code.startswith("2")),
    )


def _fields(
    schema: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    resolved = schema
    if "$ref" in schema:
        resolved = found["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = resolved.get("required", [])
    for name, one in resolved.get("properties", {}).items():
        if not one.get("readOnly"):
            must = "required" if name in required else ""
            yield name, type_of(one), must, one.get("description", "")


def type_of(schema: Mapping[str, Any]) -> str:
    """Return a schema's type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(value) or '""' for value in schema["enum"])
    for name in ("allOf", "oneOf", "anyOf"):
        if name in schema:
            return " or ".join(type_of(one) for one in schema[name])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    return str(schema.get("format") or schema.get("type") or "anything")
