"""Debian's Firefox, driven by WebDriver BiDi, which it speaks itself: Playwright needs a build of its own."""

import contextlib
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import connect

from tests.support.waiting import eventually

FIREFOX: Final = shutil.which("firefox-esr") or shutil.which("firefox")
_LISTENS: Final = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_MOST_BYTES: Final = 32 * 1024 * 1024


class BidiError(Exception):
    """Firefox refused a command."""


class Firefox:
    """One browser with a fresh profile and one tab."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "firefox.log"
        profile = folder / "profile"
        profile.mkdir(parents=True)
        command = [
            str(FIREFOX), "--headless", "--no-remote", "--profile", str(profile),
            "--remote-debugging-port", "0", "about:blank",
        ]  # fmt: skip
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        self._numbers = itertools.count(1)
        self._held = contextlib.ExitStack()
        self._held.callback(self._end)
        try:
            address = eventually(self._address, "Firefox listens", seconds=60)
            line = connect(f"{address}/session", max_size=_MOST_BYTES, compression=None)
            self._socket = self._held.enter_context(line)
            self._begin()
        except BaseException:
            self._held.close()
            raise

    def _begin(self) -> None:
        self.call("session.new", capabilities={})
        self._tab = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self) -> str | None:
        found = _LISTENS.search(self._log.read_text(errors="replace"))
        return found[1] if found else None

    def call(self, method: str, **params: Any) -> Any:
        """Return the result of a command; events are not asked for. Raises BidiError."""
        n = next(self._numbers)
        self._socket.send(json.dumps({"id": n, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(timeout=60))
            if said.get("id") == n:
                break
        if said["type"] == "error":
            raise BidiError(f"{method}: {said['error']}: {said['message']}")
        return said["result"]

    def go(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def reload(self) -> None:
        """Load the page again."""
        self.call("browsingContext.reload", context=self._tab, wait="complete")

    def read(self, expression: str) -> Any:
        """Return what a JavaScript expression is, by way of JSON."""
        said = self.call(
            "script.evaluate", expression=f"JSON.stringify({expression})",
            target={"context": self._tab}, awaitPromise=True,
        )  # fmt: skip
        if said["type"] != "success":
            raise BidiError(said["exceptionDetails"]["text"])
        return json.loads(said["result"].get("value") or "null")

    def text(self, selector: str) -> str:
        """Return the text of the first such element, "" where there is none."""
        found = self.read(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''")
        return str(found).strip()

    def click(self, selector: str) -> None:
        """Click the middle of the first such element, as a person does."""
        found = self.call(
            "browsingContext.locateNodes", context=self._tab,
            locator={"type": "css", "value": selector}, maxNodeCount=1,
        )  # fmt: skip
        (node,) = found["nodes"]
        self.read(f"document.querySelector({json.dumps(selector)}).scrollIntoView()")
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        moves = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act("pointer", moves)

    def type(self, text: str) -> None:
        """Press the keys of a text; "\\n" is the Enter key."""
        keys = [
            {"type": kind, "value": "\ue007" if letter == "\n" else letter}
            for letter in text
            for kind in ("keyDown", "keyUp")
        ]
        self._act("key", keys)

    def _act(self, kind: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": kind, "id": kind, "actions": actions}
        self.call("input.performActions", context=self._tab, actions=[source])

    def close(self) -> None:
        """End it."""
        self._held.close()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(120)
