"""Lines end with what they rest on, and no others do."""

import asyncio
import datetime as dt
from collections.abc import Collection

from engagement.doors.web_process import Web


async def test_who_comes_while_the_others_are_asked_about_stays(web: Web) -> None:
    loop, ended = asyncio.get_running_loop(), []
    hold = {"early", "late"}

    async def come(name: str) -> None:
        web.rights.rest_on(holds, name, lambda: ended.append(name))

    def holds(rights: Collection[str], now: dt.datetime) -> Collection[str]:
        if "late" not in rights:
            asyncio.run_coroutine_threadsafe(come("late"), loop).result(10)
        return hold & set(rights)

    await come("early")

    await web.rights.end_what_is_over()
    assert ended == []
    hold.remove("early")
    await web.rights.end_what_is_over()
    assert ended == ["early"]
    await web.rights.end_what_is_over()
    assert ended == ["early"]
