"""What stands on the chart beside the line: anomalies and interventions, their labels apart."""

from dashboard.page_data.activity_feed import Noticed
from dashboard.page_data.tick_values import Moment
from dashboard.score.chart import Window, percent_y
from dashboard.suggestion.results import Bracket
from dashboard.wording import agent as agent_wording
from dashboard.wording import sentences
from interventions.kinds.registry import kind_name

LABEL_WIDTH = 200.0
"""Room that the label of a mark needs, of 1,000 (on a phone, where it needs most)."""
BRACKET_WIDTH = 250.0
"""The same for the label of a bracket, whose result stands behind its name."""


def marks_of(
    anomalies: list[Noticed],
    moments: list[Moment],
    window: Window,
    taken: list[float] | None = None,
) -> list[dict[str, str]]:
    """Return the anomaly marks within a window: where, how bad, what. `taken`: places, 0 to 1000,
    where labels of brackets begin."""
    score_at = {each.milliseconds: each.score for each in moments}
    marks = []
    clear_of = 1000.0 + LABEL_WIDTH
    for anomaly in anomalies:
        at = round(anomaly.detected_at.timestamp() * 1000)
        if not window.start <= at <= window.end:
            continue
        x = window.x(at)
        # Of marks that stand close together the newest has the label: that is the worse one.
        has_label = clear_of - x >= LABEL_WIDTH and not any(
            meets(x, place) for place in taken or []
        )
        clear_of = x if has_label else clear_of
        marks.append(
            {
                "id": str(anomaly.pk),
                "t": str(at),
                "x": window.percent(at),
                "y": percent_y(score_at.get(at) or 0.0),
                "tone": "low" if anomaly.severity == "CRITICAL" else "watch",
                "label": sentences.anomaly_title(anomaly.kind) if has_label else "",
                "title": sentences.anomaly_title(anomaly.kind),
                "anchor": "start" if x < 100 else "end" if x > 900 else "middle",
            }
        )
    return marks


def place_of(percent: str) -> float:
    """Return a place of the drawing, 0 to 1000, from its percent."""
    return float(percent.rstrip("%")) * 10


def label_of(place: float) -> tuple[float, float, str]:
    """Return from where to where the label of a bracket reaches, and its anchor."""
    if place > 1000.0 - BRACKET_WIDTH:
        return place - BRACKET_WIDTH, place, "end"
    return place, place + BRACKET_WIDTH, "start"


def meets(mark: float, bracket: float) -> bool:
    """Whether the label of a mark would touch that of a bracket."""
    left, right, _ = label_of(bracket)
    return mark + LABEL_WIDTH / 2 > left and mark - LABEL_WIDTH / 2 < right


def brackets_of(brackets: list[Bracket], window: Window) -> list[dict[str, str]]:
    """Return the interventions within a window: stem, bracket over what is measured, result."""
    found: list[dict[str, str]] = []
    clear = 1000.0
    for each in brackets:
        if each.end < window.start or each.start > window.end:
            continue
        end = min(each.end, window.end)
        x = max(0.0, window.x(each.start))
        left, right, anchor = label_of(x)
        # The newest has its label; an older one only where that leaves room.
        has_label = not found or right <= clear
        clear = min(clear, left) if has_label else clear
        found.append(
            {
                "id": str(each.pk),
                "t": str(each.start),
                "end": str(each.end),
                "x": window.percent(max(each.start, window.start)),
                "x2": window.percent(end),
                "y": percent_y(each.score),
                "anchor": anchor,
                "title": kind_name(each.kind) if has_label else "",
                "name": kind_name(each.kind),
                "result": agent_wording.bracket_result(each.change, is_final=not each.is_measuring),
                "tone": each.tone,
                "open": "1" if each.is_measuring else "",
                "cut": "1" if each.start < window.start else "",
                "sent": "1" if each.was_sent else "",
            }
        )
    return found
