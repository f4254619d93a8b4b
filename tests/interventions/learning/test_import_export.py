"""What was learned, by hand: shown, kept, put in, begun anew."""

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Organisation
from engagement.vocabulary.errors import ProblemError
from interventions.learning import import_export
from interventions.learning import services as learning
from interventions.learning.bandit import Policy
from interventions.models import ArmChange, ArmState
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(organisation: Organisation) -> Organisation:
    """An organisation whose polls were followed by four points, five times."""
    with learning.locked(organisation.pk, is_demo=False, now=NOON, rng=random.Random(1)) as held:
        policy = held[0]
        for _ in range(5):
            made = policy.choose({"kind": "SUDDEN_DROP"}, ["POLL", "HOLD"], holdout=0.0)
            policy.learn(made.id, 4.0)
    return organisation


def call(*words: str) -> str:
    out = StringIO()
    call_command("arms", *words, stdout=out)
    return out.getvalue()


def deliveries(organisation: Organisation, **fields: Any) -> int:
    row = ArmState.objects.get(organisation=organisation, **{"is_demo": False, **fields})
    return Policy.from_json(row.policy).deliveries.total()


def test_standing_of_every_kind_is_shown(known: Organisation) -> None:
    text = call("show", known.name)

    assert "POLL" in text
    assert "HOLD " not in text
    assert text.splitlines()[-1] == "held back to measure: 0; waiting: 0"


def test_export_is_imported_after_a_reset(known: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"

    call("export", known.name, "--file", str(file))
    call("reset", str(known.pk), "--reason", "a new season")
    after_reset = deliveries(known)
    call("import", known.name, "--file", str(file), "--reason", "back to what was known")

    assert (after_reset, deliveries(known)) == (0, 5)
    assert list(ArmChange.objects.order_by("pk").values_list("what", flat=True)) == [
        "reset",
        "import",
    ]


def test_demo_is_kept_apart(known: Organisation) -> None:
    call("reset", known.name, "--reason", "x", "--demo")

    assert deliveries(known) == 5
    assert deliveries(known, is_demo=True) == 0
    assert ArmChange.objects.get().reason == "[demo] x"


def test_what_demos_taught_is_not_imported_where_real_sessions_learn(
    known: Organisation, tmp_path: Path
) -> None:
    with learning.locked(known.pk, is_demo=True, now=NOON, rng=random.Random(1)):
        pass
    demo, real = tmp_path / "demo.json", tmp_path / "real.json"
    call("export", known.name, "--demo", "--file", str(demo))
    call("export", known.name, "--file", str(real))

    with pytest.raises(CommandError, match="learned in demo sessions"):
        call("import", known.name, "--file", str(demo), "--reason", "x")
    call("import", known.name, "--file", str(demo), "--reason", "x", "--demo")
    call("import", known.name, "--file", str(real), "--reason", "x")

    assert (deliveries(known), deliveries(known, is_demo=True)) == (5, 0)


@pytest.mark.parametrize("content", [b"\x93\xfa\x00policy", b"\xff\xfe{\x00}\x00"])
def test_file_that_is_no_text_is_one_sentence(
    known: Organisation, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "policy.bin"
    file.write_bytes(content)

    with pytest.raises(CommandError, match="this is no text, so no exported policy"):
        call("import", known.name, "--file", str(file), "--reason", "x")


def test_policy_that_an_editor_saved_with_its_mark_is_taken(
    known: Organisation, tmp_path: Path
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(import_export.export(known), encoding="utf-8-sig")

    call("import", known.name, "--file", str(file), "--reason", "x")

    assert deliveries(known) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "Nobody"], "No single organisation"),
        (["reset", "Summit Ltd"], "Say why"),
        (["import", "Summit Ltd", "--reason", "x"], "Say which file"),
        (["import", "Summit Ltd", "--reason", "x", "--file", "/nowhere.json"], "No such file"),
        (["export", "Summit Ltd", "--demo"], "Nothing was learned yet"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    known: Organisation, words: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call(*words)

    assert deliveries(known) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("model"), lambda data: data.update(format=9),
        lambda data: data.update(actions=["POLL", "HOLD"]), lambda data: data.clear(),
    ],
)  # fmt: skip
def test_policy_that_is_damaged_or_another_is_refused(known: Organisation, change: Any) -> None:
    data = json.loads(import_export.export(known))
    change(data)

    with pytest.raises(ProblemError):
        import_export.import_policy(known, json.dumps(data), reason="x", by=None, now=NOON)

    assert deliveries(known) == 5


def test_policy_that_is_too_big_is_refused(known: Organisation) -> None:
    with pytest.raises(ProblemError, match="too big"):
        import_export.read_policy(" " * (import_export.MOST_BYTES + 1))


def test_outcome_of_a_decision_before_a_reset_teaches_nothing(known: Organisation) -> None:
    import_export.reset(known, reason="x", by=None, now=NOON, rng=random.Random(5))

    row = ArmState.objects.get(organisation=known)
    assert Policy.from_json(row.policy).seed != 0
    assert Policy.from_json(row.policy).waiting == ()
