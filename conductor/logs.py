"""Log lines as JSON, one object a line, with the request id."""

import datetime as dt
import json
import logging

from engagement.requests import request_id

# Attributes every record has; what a caller adds by `extra=` is what is left.
ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}


class RequestIdFilter(logging.Filter):
    """Put the current request id on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """Time (UTC, RFC 3339), level, logger, message, request id, extras, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        extras = {key: value for key, value in vars(record).items() if key not in ORDINARY}
        line = extras | line  # what a caller adds never hides what every line says
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # Escaped: no letter that a reader could take for the end of a line, or that cannot be written.
        return json.dumps(line, default=str)
