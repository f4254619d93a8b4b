"""The ways in which an answer goes wrong, by name."""

from dataclasses import dataclass
from typing import Final

FAULTS: Final = (
    "ok", "429", "500", "529", "401", "402", "404", "hang", "drip", "cut", "reset", "html", "malformed",
    "refusal", "max_tokens", "too_long", "prose", "empty", "obey", "fenced",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted answer. `seconds` is Retry-After for 429, the wait of a hang, the whole drip.

    `header` is Retry-After as it stands, where seconds would not say it."""

    name: str = "ok"
    seconds: float = 30.0
    header: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"{self.name}: one of {', '.join(FAULTS)}")


ERRORS: Final[dict[str, tuple[int, str, str]]] = {
    "401": (401, "authentication_error", "invalid x-api-key"),
    "402": (402, "billing_error", "Your credit balance is too low"),
    "404": (404, "not_found_error", "model: it was retired"),
    "429": (429, "rate_limit_error", "This request would exceed your rate limit"),
    "500": (500, "api_error", "Internal server error"),
    "529": (529, "overloaded_error", "Overloaded"),
}
