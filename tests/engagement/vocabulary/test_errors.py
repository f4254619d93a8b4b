"""Errors: every sentence is marked where it is raised, translated, and filled for who reads it."""

import ast
import copy
import json
import pickle
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from conductor.management.commands.makemessages import PLACES
from engagement.vocabulary import errors
from engagement.vocabulary.errors import ProblemError, conflict, invalid, rate_limited

ROOT = Path(settings.BASE_DIR)
APPS = ("conductor", "dashboard", "engagement", "interventions")
COMPILED = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.mo"
OWN = {"field", "retry_after", "http_status", "warnings"}
# Where a sentence is somebody else's, or one of a table that is marked there.
NOT_WRITTEN_THERE = {
    "conductor/serving/errors.py", "engagement/api/errors.py", "engagement/doors/http/signals_api.py",
    "engagement/vocabulary/errors.py", "interventions/agent/approval/editing.py",
    "interventions/lifecycle/transitions.py",
}  # fmt: skip


def raised() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """The place, the call and the sentence of every error of the product."""
    for file in sorted(each for app in APPS for each in (ROOT / app).rglob("*.py")):
        place = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = PLACES.get(node.func.id, 0)
                if 0 < at <= len(node.args):
                    yield place, node, node.args[at - 1]


def test_every_sentence_that_is_raised_has_a_german_one() -> None:
    known = {entry.msgid for entry in polib.mofile(str(COMPILED)) if entry.msgstr}
    written = {
        (place, node.value)
        for place, _, node in raised()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert len(written) > 200
    assert [(place, text) for place, text in sorted(written) if text not in known] == []


def test_sentences_are_written_where_they_are_raised() -> None:
    elsewhere = {place for place, _, node in raised() if not isinstance(node, ast.Constant)}
    built = [place for place, _, node in raised() if isinstance(node, ast.JoinedStr | ast.BinOp)]

    assert built == []
    assert elsewhere <= NOT_WRITTEN_THERE


def test_every_placeholder_is_given_and_nothing_else() -> None:
    differing = []
    for place, call, node in raised():
        given = {each.arg for each in call.keywords} - OWN
        # What is in a sentence of a table is who was faster.
        wanted = {"who"} & given
        if isinstance(node, ast.Constant):
            wanted = set(re.findall(r"%\((\w+)\)s", str(node.value)))
        if given != wanted:
            differing.append((place, ast.unparse(call)))

    assert differing == []


def test_every_way_to_make_one_is_known_where_sentences_are_collected() -> None:
    ways = {name for name, value in vars(errors).items() if isinstance(value, partial)}

    assert ways | {"ProblemError"} <= set(PLACES)


def test_sentence_with_a_percent_sign_of_somebody_elses_stays_as_it_is() -> None:
    assert invalid("invalid", "100% of it").text == "100% of it"


@pytest.mark.parametrize("kept", [copy.copy, lambda each: pickle.loads(pickle.dumps(each))])
def test_error_survives_being_stored(kept) -> None:
    problem = rate_limited(
        "busy", "%(who)s approved this already.", "text", retry_after=3, http_status=503,
        warnings=(("link", "It looks like a link."),), who=gettext_lazy("Somebody else"),
    )  # fmt: skip

    again = kept(problem)

    assert isinstance(again, ProblemError)
    assert again.envelope("r1") == problem.envelope("r1")
    assert (again.status, str(again)) == (503, "Somebody else approved this already.")
    with translation.override("de"):
        assert again.text == "Jemand anderes hat dies schon freigegeben."


def test_envelope_is_plain_json_in_english_for_every_reader() -> None:
    with translation.override("de"):
        problem = conflict("x", "%(who)s approved this already.", who=gettext_lazy("Somebody else"))
        said = json.loads(json.dumps(problem.envelope("r1")))

    assert said["error"]["message"] == "Somebody else approved this already."
