"""A text can be written so that a pattern tries it in every way there is: then a worker never comes back."""

import subprocess
import sys
from typing import Any

from django.contrib import admin

from conductor.supervision.supervisor import die_with_parent
from interventions.text_checks.impersonation import is_reserved
from interventions.text_checks.profanity import is_profane
from interventions.text_checks.text_gate import holds_name
from tests.survival.installation import PROJECT

ENDS_WITHIN_SECONDS = 300
"""It takes about five; a pattern that tries in every way takes years."""


def test_every_pattern_ends_on_every_text() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.hostile.patterns"], cwd=PROJECT, capture_output=True, text=True,
        timeout=ENDS_WITHIN_SECONDS, check=False, preexec_fn=die_with_parent,
    )  # fmt: skip

    assert found.returncode == 0, found.stderr
    names = found.stdout.split()
    assert "interventions.text_checks.impersonation._SPELT" in names
    assert len(names) > 50


def test_name_of_underscores_is_judged_like_any_other() -> None:
    assert not is_reserved("_" * 58 + "ab")
    assert not holds_name("_ " * 29 + "ab", "en")
    assert is_reserved("a_d_m_i_n")
    assert is_profane("f_u_c_k")


def test_who_may_only_look_finds_no_action_in_the_administration() -> None:
    actions: list[tuple[str, Any]] = [
        (f"{model.__name__}.{name}", getattr(pages, name, None))
        for model, pages in admin.site._registry.items()
        for name in pages.actions or ()
        if isinstance(name, str)
    ]

    assert [
        name for name, action in actions if not getattr(action, "allowed_permissions", ())
    ] == []
    assert len(actions) >= 10
