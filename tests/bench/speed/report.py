"""Tables and bars: what was measured, and whether it is good enough."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Report:
    """Prints tables as they come and remembers the bars."""

    bars: list[tuple[bool, str]] = field(default_factory=list)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print one table in Markdown."""
        print(f"\n### {title}\n")
        print("| " + " | ".join(header) + " |")
        print("|" + "---|" + "---:|" * (len(header) - 1))
        for row in rows:
            print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)

    def bar(self, what: str, value: float | None, limit: float, *, at_least: bool) -> None:
        """Judge a number; None was not measured and is not judged."""
        if value is None:
            return
        good = value >= limit if at_least else value <= limit
        sign = ">=" if at_least else "<="
        self.bars.append((good, f"{what}: {value:,.2f} (bar {sign} {limit:g})"))

    def finish(self) -> bool:
        """Print every bar; return whether all are met."""
        print("\n### Bars\n")
        for good, sentence in self.bars:
            print(f"- {'pass' if good else 'FAIL'}: {sentence}")
        return all(good for good, _ in self.bars)


def number(value: float) -> str:
    """Write a large number readably."""
    return f"{value:,.0f}"


def middle(values: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return median(values) if values else None


def ratio(value: float | None, of: float | None) -> float | None:
    """Return value / of where both were measured."""
    return value / of if value is not None and of else None


def times(value: float | None) -> str:
    """Write a ratio."""
    return "–" if value is None else f"{value:.2f}×"
