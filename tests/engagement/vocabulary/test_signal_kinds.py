from engagement.vocabulary.signal_kinds import (
    CLOUD_EVENT_TYPES,
    KIND_OF_CLOUD_EVENT_TYPE,
    KIND_OF_WIRE_NAME,
    TEXT_MAX_CHARS,
    WIRE_NAMES,
    SignalKind,
)


def test_every_kind_has_its_names_and_its_longest_text():
    outsiders = set(SignalKind) - {SignalKind.PROMPT}

    assert set(WIRE_NAMES) == outsiders
    assert set(CLOUD_EVENT_TYPES) == outsiders
    assert set(TEXT_MAX_CHARS) == set(SignalKind)


def test_names_lead_back_to_their_kind():
    assert {KIND_OF_WIRE_NAME[name]: name for name in WIRE_NAMES.values()} == dict(WIRE_NAMES)
    assert {KIND_OF_CLOUD_EVENT_TYPE[name]: name for name in CLOUD_EVENT_TYPES.values()} == dict(
        CLOUD_EVENT_TYPES
    )
