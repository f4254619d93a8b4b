"""Which words a reader takes for those that were just said."""

from interventions.text_checks.quote_check import repeats


def test_recent_wording_is_recognised_whatever_its_dress():
    recent = ["Which part should we go deeper into?", "Quick one: how are you doing?"]

    assert repeats("which part should WE go deeper into", recent)
    assert not repeats("Which tool do you use most?", recent)
    assert not repeats("", recent)
    assert not repeats("Anything?", [])
