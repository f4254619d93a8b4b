from engagement.kinds import (
    CLOUD_EVENT_TYPES,
    KIND_OF_CLOUD_EVENT_TYPE,
    KIND_OF_WIRE_NAME,
    TEXT_MAX_CHARS,
    WIRE_NAMES,
    SignalKind,
)


def test_every_kind_has_its_names_and_its_longest_text():
    kinds = set(SignalKind)

    assert set(WIRE_NAMES) == kinds
    assert set(CLOUD_EVENT_TYPES) == kinds
    assert set(TEXT_MAX_CHARS) == kinds


def test_names_lead_back_to_their_kind():
    assert {KIND_OF_WIRE_NAME[WIRE_NAMES[kind]] for kind in SignalKind} == set(SignalKind)
    assert {KIND_OF_CLOUD_EVENT_TYPE[CLOUD_EVENT_TYPES[kind]] for kind in SignalKind} == set(
        SignalKind
    )
