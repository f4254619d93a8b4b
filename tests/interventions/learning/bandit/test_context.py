"""Contexts as numbers: defaults, clipping, words of the agenda."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.learning.bandit.context import COURSE_SIZE, OWN_SIZE, SHARED_SIZE, phase_of, read


@pytest.mark.parametrize(
    ("title", "phase"),
    [
        ("Q&A", "qa"),
        ("q and a with Mara", "qa"),
        ("Fragen und Diskussion", "qa"),
        ("Panel: the next ten years", "panel"),
        ("Hands-on: deploy it", "workshop"),
        ("Welcome", "opening"),
        ("Begrüßung", "opening"),
        ("Architecture", ""),
        ("Collaboration", ""),
        ("", ""),
    ],
)
def test_titles_of_the_agenda_are_understood(title, phase):
    assert phase_of(title) == phase


def test_missing_keys_have_their_defaults():
    default = {
        "kind": "",
        "severity": 0.7,
        "score": 40.0,
        "baseline": 50.0,
        "slope": 0.0,
        "forecast": -5.0,
        "phase": "",
        "present": 50,
        "recent": 0,
    }

    one, two = read({}), read(default)

    assert (one.course == two.course).all()
    assert (one.shared == two.shared).all()
    assert (one.own == two.own).all()


def test_values_outside_their_range_are_clipped():
    assert (read({"score": -40}).course == read({"score": 0}).course).all()
    assert (read({"recent": 99}).shared == read({"recent": 10}).shared).all()


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_unknown_keys_are_ignored(context):
    known = set(read.__globals__["Context"].__annotations__)

    moment = read({key: value for key, value in context.items() if key not in known})

    assert (moment.course == read({}).course).all()
    assert (len(moment.course), len(moment.shared), len(moment.own)) == (
        COURSE_SIZE,
        SHARED_SIZE,
        OWN_SIZE,
    )


@pytest.mark.parametrize("value", ["41", float("nan"), float("inf"), [1], b""])
def test_what_is_no_number_is_an_error(value):
    with pytest.raises(ValueError, match="score"):
        read({"score": value})


def test_numbers_of_numpy_are_numbers():
    assert (read({"score": np.float32(33)}).course == read({"score": 33.0}).course).all()
