"""What the description says of values is so, and programs that are made from it work."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft4Validator
from openapi_spec_validator import validate

from interventions.api.views.exports import description

DESCRIBED = description()


def places(node: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its place."""
    if isinstance(node, dict):
        yield at, node
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for name, each in inner:
        if isinstance(each, dict | list):
            yield from places(each, f"{at}/{name}")


def plain(schema: Any) -> Any:
    """A schema in JSON Schema's own words: references resolved, `nullable` said as a type."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    made = {name: plain(each) for name, each in schema.items()}
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) else made


def defaults() -> list[tuple[str, dict[str, Any]]]:
    return [(at, each) for at, each in places(DESCRIBED) if "default" in each and "type" in each]


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    for at, each in places(DESCRIBED):
        if "schema" in each and isinstance(each.get("examples"), dict):
            for name, example in each["examples"].items():
                yield f"{at}: {name}", each["schema"], example["value"]
        if "example" in each and "type" in each:
            yield at, each, each["example"]


def test_document_keeps_to_the_specification() -> None:
    validate(DESCRIBED)


@pytest.mark.parametrize(("at", "schema"), defaults())
def test_default_is_a_value_of_its_own_schema(at: str, schema: dict[str, Any]) -> None:
    assert list(Draft4Validator(plain(schema)).iter_errors(schema["default"])) == []


@pytest.mark.parametrize(("at", "schema", "value"), list(examples()))
def test_example_is_a_value_of_its_own_schema(at: str, schema: dict[str, Any], value: Any) -> None:
    assert list(Draft4Validator(plain(schema)).iter_errors(value)) == []


def test_there_are_defaults_and_examples_to_look_at() -> None:
    assert len(defaults()) > 5
    assert len(list(examples())) > 10


def test_every_operation_has_a_name_that_can_be_read() -> None:
    names = [
        each["operationId"] for methods in DESCRIBED["paths"].values() for each in methods.values()
    ]

    assert len(set(names)) == len(names)
    assert [name for name in names if "api_v1" in name or name.endswith(("_2", "_3"))] == []
    assert {"list_sessions", "get_session", "change_session", "add_session"} <= set(names)
