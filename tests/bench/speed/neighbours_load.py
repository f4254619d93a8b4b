"""What the hostile organisation's programs do, all at once, until they are ended."""

import http.client
import json
import sys
import threading
import time
from itertools import count
from typing import Any, Final

REPORTS: Final = 14
FILES: Final = 6
"""Together the twenty connections on which it asks for what is costly."""
PER_SECOND: Final = 20
"""Signals that a key may send (SIGNALS_PER_MINUTE)."""
PEOPLE: Final = 120
# Texts that cost the most to read: a ligature of 18 letters, endings of names, signs, marks.
UNITS: Final = ("\ufdfa", "a.", "@", "a\u0301\u0302\u0303", "f u ", "1 ", "sh1t ")


def _ask(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request(method, path, body.encode() or None, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


def _ever(port: int, path: str, headers: dict[str, str]) -> None:
    """Ask again as soon as there is an answer, whatever it says about when to come again."""
    while True:
        if _ask(port, "GET", path, headers) == 0:
            time.sleep(0.2)


def _talk(port: int, session: int, bearer: dict[str, str]) -> None:
    headers = {**bearer, "Content-Type": "application/json"}
    for n in count():
        began = time.monotonic()
        said = [
            {"kind": "chat", "actor": f"x{(n + at) % PEOPLE}", "text": _text(n * PER_SECOND + at)}
            for at in range(PER_SECOND)
        ]
        body = json.dumps({"signals": said})
        _ask(port, "POST", f"/api/v1/sessions/{session}/signals/", headers, body)
        time.sleep(max(0.0, 1 - (time.monotonic() - began)))


def _text(n: int) -> str:
    unit = UNITS[n % len(UNITS)]
    return unit * (480 // len(unit)) + str(n)


def main(asked: dict[str, Any]) -> None:
    """Begin everything, say so, and wait."""
    port, session = asked["port"], asked["session"]
    page, bearer = {"Cookie": asked["cookie"]}, {"Authorization": f"Bearer {asked['key']}"}
    report = f"/sessions/{session}/report/"
    file = f"/api/v1/sessions/{session}/exports/metrics.xlsx"
    jobs = [(_ever, (port, report, page))] * REPORTS + [(_ever, (port, file, page))] * FILES
    for work, given in jobs:
        threading.Thread(target=work, args=given, daemon=True).start()
    print("begun", flush=True)
    _talk(port, session, bearer)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
