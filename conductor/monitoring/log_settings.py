"""How this product's processes log: everything one way, to the console, with the request's id."""

from typing import Any


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING for a format ("json" or "text") and the least level that is written."""
    # These would write by handlers of their own, or mail whole requests: all goes the one way.
    ours = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "conductor.monitoring.logs.RequestIdFilter"}},
        "formatters": {
            "json": {"()": "conductor.monitoring.logs.JsonFormatter"},
            "text": {
                "()": "conductor.monitoring.logs.TextFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            **dict.fromkeys(("django", "uvicorn", "uvicorn.error"), ours),
            **{name: {**ours, "level": "WARNING"} for name in ("uvicorn.access", "django.server")},
            "httpx2": {"level": "WARNING"},
            # Scanners ask for hosts we do not serve; each would be a traceback. The answer is a 400.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }
