"""The tables of settings say what the code reads: every variable, with its default."""

import re
from pathlib import Path

import pytest

from interventions.vocabulary.statuses import mermaid

PROJECT = Path(__file__).resolve().parents[1]
APPS = ("conductor", "dashboard", "engagement", "interventions")
READER = re.compile(
    r"env\.(text|flag|integer|words|secret|key|networks)\(\s*\"([A-Z_]+)\"(?:,\s*(?:default=)?([^,)]+))?"
)
ROW = re.compile(r"^\| `([A-Z_]+)`( †)? \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def read_by_the_code() -> dict[str, tuple[str, str]]:
    """Return kind and default (as written in the code) of every variable that is read."""
    found = {}
    for app in APPS:
        for file in (PROJECT / app).rglob("*.py"):
            for kind, name, default in READER.findall(file.read_text()):
                found[name] = (kind, default)
    return found


def documented() -> dict[str, tuple[str, bool]]:
    """Return the documented default of every variable, and whether it may come from a file."""
    text = (PROJECT / "docs" / "settings.md").read_text()
    product = text.partition("## docker compose only")[0]
    return {
        name: (default.strip("`"), bool(mark)) for name, mark, default, _, _ in ROW.findall(product)
    }


def read_by_compose() -> set[str]:
    text = (PROJECT / "docker-compose.yml").read_text()
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


def test_every_variable_that_is_read_is_documented() -> None:
    assert sorted(documented()) == sorted(read_by_the_code())


def test_variables_that_may_come_from_a_file_are_marked() -> None:
    kinds = {"secret", "key"}
    secrets = {name for name, (kind, _) in read_by_the_code().items() if kind in kinds}

    assert {name for name, (_, marked) in documented().items() if marked} == secrets


@pytest.mark.parametrize("kind", ["integer", "flag"])
def test_documented_numbers_are_those_of_the_code(kind: str) -> None:
    read = {name: default for name, (each, default) in read_by_the_code().items() if each == kind}
    written = {name: documented()[name][0] for name in read}

    plain = {"True": "1", "False": "0"}
    assert written == {name: plain.get(d, d.replace("_", "")) for name, d in read.items()}


def test_the_environment_is_read_by_the_typed_readers_only() -> None:
    own = {"conductor/env.py"}
    offenders = [
        f"{file.relative_to(PROJECT)}: {line.strip()}"
        for app in APPS
        for file in (PROJECT / app).rglob("*.py")
        for line in file.read_text().splitlines()
        if re.search(r"os\.(environ\.get|environ\[|getenv)", line)
        and str(file.relative_to(PROJECT)) not in own
    ]

    assert offenders == []


def test_every_variable_of_compose_is_documented() -> None:
    text = (PROJECT / "docs" / "settings.md").read_text()
    written = {name for name, *_ in ROW.findall(text)}

    assert read_by_compose() <= written


def test_example_of_the_environment_names_known_variables_only() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    known = {name for name, *_ in ROW.findall((PROJECT / "docs" / "settings.md").read_text())}
    assert names <= known
    assert {"POSTGRES_PASSWORD", "SECRET_KEY"} <= names


@pytest.mark.parametrize("page", ["README.md", "docs/agent.md"])
def test_drawing_of_the_agent_is_the_table_it_runs_by(page: str) -> None:
    text = (PROJECT / page).read_text()

    drawings = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)

    assert drawings == [mermaid()]


def test_everything_that_is_woken_for_all_organisations_says_what_one_failing_row_does() -> None:
    text = (PROJECT / "docs" / "operations.md").read_text()
    table = text.partition("**One row stops no other.**")[2].partition("Logs are JSON")[0]
    code = "".join((PROJECT / app / "tasks.py").read_text() for app in APPS[2:])
    tasks = re.findall(r"@shared_task\n(?:@\w+\n)?def (\w+)", code)

    assert len(tasks) > 10
    assert [name for name in tasks if f"`{name}`" not in table] == []


def test_stages_on_which_a_row_can_be_stuck_are_in_the_table() -> None:
    text = (PROJECT / "docs" / "operations.md").read_text()
    code = "".join(file.read_text() for app in APPS for file in (PROJECT / app).rglob("*.py"))
    stages = re.findall(
        r'(?:(?:run_each|_each|Stuck)\(\s*|\n    model, stage = \w+, )"([a-z-]+)"', code
    )

    assert len(stages) > 15
    assert [name for name in stages if f"`{name}`" not in text] == []


def test_files_that_the_docs_name_are_there() -> None:
    pages = [each for each in PROJECT.glob("*.md") if each.name != "CHANGELOG.md"]
    pages += (PROJECT / "docs").glob("*.md")
    named = re.compile(rf"`((?:tests|{'|'.join(APPS)})/[\w./]*)(?:::\w+)?`")
    found = {name for page in pages for name in named.findall(page.read_text())}

    # Of tests, tables leave out the folder that they are all in.
    assert len(found) > 30
    assert [
        n for n in found if not ((PROJECT / n).exists() or (PROJECT / "tests" / n).exists())
    ] == []


def test_files_of_every_recipe_are_there() -> None:
    text = (
        (PROJECT / "CONTRIBUTING.md")
        .read_text()
        .partition("## Recipes")[2]
        .partition("## Rules")[0]
    )
    recipes = re.findall(r"^\| (?!to add|---)(.+?) \| (.+) \|$", text, re.MULTILINE)

    assert len(recipes) >= 12
    for change, files in recipes:
        paths = re.findall(r"`([\w/-]+[/.][\w/.-]+)`", files)
        assert paths, change
        assert [path for path in paths if "/" in path and not (PROJECT / path).exists()] == []


def test_tests_that_hold_security_are_there() -> None:
    text = (PROJECT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)

    assert len(named) > 20
    for path, name in named:
        assert (PROJECT / path).exists(), path
        assert f"def {name}(" in (PROJECT / path).read_text() if name else True, (path, name)
