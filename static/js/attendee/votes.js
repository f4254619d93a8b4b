// Votes are kept on the phone until the server has them, and sent again until then: a lost connection
// or a closed tab loses none.

import { place } from "../shared/kept-storage.js";
import { spread } from "../shared/time-limit.js";

const FIRST_MS = 1000;
const MOST_MS = 8000;

// `tells`: { counted(id, answer), refused(id, code), waiting(id) }
export function makeVotes({ session, ask, tells }) {
  const storage = place(`votes-${session}`);
  const kept = storage.read() ?? {};
  const busy = new Set();
  const timers = new Map();
  const waits = new Map();

  function save() {
    storage.write(Object.keys(kept).length ? kept : null);
  }

  function cast(id, option) {
    kept[id] = option;
    save();
    send(id);
  }

  async function send(id) {
    if (busy.has(id) || !(id in kept)) return;
    clearTimeout(timers.get(id));
    busy.add(id);
    const option = kept[id];
    const { status, body, wait } = await ask(`interventions/${id}/vote/`, { option }, 1);
    busy.delete(id);
    if (kept[id] !== option) send(id);
    else if (status === 200) settle(id, () => tells.counted(Number(id), body));
    else if (status >= 400 && status < 500 && status !== 429 && !wait) settle(id, () => tells.refused(Number(id), body.error?.code));
    else later(id, spread(wait));
  }

  function settle(id, tell) {
    delete kept[id];
    waits.delete(id);
    save();
    tell();
  }

  function later(id, ms) {
    const own = waits.get(id) ?? FIRST_MS;
    waits.set(id, Math.min(own * 2, MOST_MS));
    timers.set(id, setTimeout(send, Math.max(ms, own), id));
    tells.waiting(Number(id));
  }

  return {
    cast,
    waitsFor: (id) => kept[id],
    sendAll: () => Object.keys(kept).forEach(send),
  };
}
