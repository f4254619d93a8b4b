// What people say, on its way into the log. Frames are numbered, kept until the server says that they
// are in its log, and sent again after a lost connection or a reload: see engagement/intake/wire_format.py.

import { place } from "../shared/kept-storage.js";
import { AskingLine } from "../shared/polling-connection.js";
import { request } from "../shared/request.js";

const GATHER_MS = 250;
const FRAME_MOST = 50;
const POST_MOST = 20;
const WAITING_MOST = 200;
const HOLD_MS = 5000;
const RETRY_MS = 3000;
const ENDED = new Set(["session_ended", "session_unknown"]);
const TOKEN = new Set(["token_missing", "token_invalid", "token_expired", "token_other_session", "erased"]);

// Half a letter, as fields cut them, would be refused.
const whole = (text) => new TextDecoder().decode(new TextEncoder().encode(text));

// `pass.token`: who it is. `tells`: { line(text, tone), problem(text), mark(item, text, name), frame(frame),
// up(again), over(), again(): Promise of whether the token was renewed, restored(kind, text): an item }
export function makeLine({ session, pass, started, words, tells }) {
  // Not randomUUID: a page opened by address on a plain network has none.
  const client = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const kept = place(`line-${session}`);
  const own = { client, pending: [], busy: false };
  // Of pages that are gone, under their own names and numbers: what was heard already counts once.
  const queues = [own, ...restored()];
  const url = (of) => `/api/v1/attend/${session}/line/?${new URLSearchParams({ client: of })}`;
  let gathered = [];
  let gatherTimer = 0;
  let retryTimer = 0;
  let nextId = 1;
  let holdUntil = 0;
  let wasUp = false;
  let renewed = false;

  const line = new AskingLine({
    socket: () => `/ws/attend/${session}/?${new URLSearchParams({ token: pass.token, client })}`,
    asks: { url: () => url(client), token: () => pass.token },
    tells: { heard: (frame) => hear(frame, own), opened, closed: () => tells.line(words.reconnecting, "off"), refused: () => line.rest(0) },
  });

  function restored() {
    return Object.entries(kept.read() ?? {}).map(([of, frames]) => ({
      client: of,
      busy: false,
      pending: frames.map(([id, signals]) => ({
        id, sent: false, signals: signals.map(([kind, value, at]) => ({ kind, value, at, item: tells.restored(kind, value) })),
      })),
    }));
  }

  function keep(queue) {
    const all = kept.read() ?? {};
    all[queue.client] = queue.pending.map(({ id, signals }) => [id, signals.map(({ kind, value, at }) => [kind, value, at])]);
    if (!queue.pending.length) delete all[queue.client];
    kept.write(Object.keys(all).length ? all : null);
  }

  function hasRoom() {
    const waiting = queues.flatMap(({ pending }) => pending.flatMap(({ signals }) => signals)).length + gathered.length;
    if (waiting >= WAITING_MOST) tells.problem(words.full);
    return waiting < WAITING_MOST;
  }

  function enqueue(kind, value, item, delay = GATHER_MS) {
    if (!hasRoom()) return;
    gathered.push({ kind, value: whole(value), at: Date.now(), item });
    if (delay === GATHER_MS && gatherTimer) clearTimeout(gatherTimer);
    if (delay === GATHER_MS || !gatherTimer) gatherTimer = setTimeout(flush, delay);
  }

  function flush() {
    clearTimeout(gatherTimer);
    gatherTimer = 0;
    if (!gathered.length) return;
    while (gathered.length) own.pending.push({ id: nextId++, signals: gathered.splice(0, FRAME_MOST), sent: false });
    keep(own);
    sendPending();
  }

  // --- out

  function sendPending() {
    const pause = holdUntil - Date.now();
    if (pause > 0) {
      later(pause + 10);
      return;
    }
    for (const queue of queues) {
      if (line.way === "socket" && queue === own) own.pending.forEach(sendFrame);
      else if (line.isOpen) post(queue);
    }
  }

  function later(ms) {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(sendPending, ms);
  }

  function said({ id, signals }) {
    const now = Date.now();
    return { id, s: signals.map(({ kind, value, at }) => [kind, value, Math.min(Math.max(0, now - at), 86400000)]) };
  }

  function sendFrame(frame) {
    if (frame.sent) return;
    frame.sent = true;
    line.say(JSON.stringify(said(frame)));
  }

  async function post(queue) {
    if (queue.busy || !queue.pending.length) return;
    queue.busy = true;
    const [first] = queue.pending;
    const { status, body } = await request(url(queue.client), { token: pass.token, body: queue.pending.slice(0, POST_MOST).map(said) });
    queue.busy = false;
    if (status !== 200) {
      if (body.error) refused(body.error, undefined, queue);
      later(RETRY_MS);
      return;
    }
    const held = holdUntil;
    for (const frame of body.frames) hear(frame, queue);
    // What was refused without a number was the first that is still here.
    if (held === holdUntil && queue.pending[0] === first) drop(first.id, queue);
    sendPending();
  }

  // --- in

  function acknowledged(n, queue) {
    for (const frame of queue.pending) if (frame.id <= n) mark(frame, words.sent, "");
    queue.pending = queue.pending.filter(({ id }) => id > n);
    keep(queue);
    if (queues.every(({ pending }) => !pending.length)) tells.problem("");
  }

  function mark(frame, text, name) {
    for (const { kind, item } of frame.signals) tells.mark(item, text, name, kind);
  }

  function refused(error, id, queue) {
    if (ENDED.has(error.code)) finish();
    else if (TOKEN.has(error.code)) renew();
    else if (error.code === "removed") {
      stop(words.removed);
      tells.over();
    }
    else if (error.code === "token_in_use") stop(words.elsewhere);
    else if (error.code === "session_not_live") hold(HOLD_MS, words.notLive);
    else if (error.retry_after) hold(error.retry_after * 1000, words.slow.replace("{seconds}", error.retry_after));
    else if (id !== undefined) drop(id, queue);
  }

  // Once: a new token that is refused as well will not become better.
  async function renew() {
    if (renewed || line.over) return;
    renewed = true;
    line.stop();
    if (await tells.again()) {
      line.over = false;
      line.open();
    } else stop(words.again, true);
  }

  // Nothing above the last acknowledgement is safe: all of it goes again, oldest first.
  function hold(ms, text) {
    holdUntil = Date.now() + ms;
    for (const { pending } of queues) for (const frame of pending) frame.sent = false;
    if (queues.some(({ pending }) => pending.length)) tells.problem(text);
    sendPending();
  }

  function drop(id, queue) {
    const frame = queue.pending.find((each) => each.id === id);
    if (!frame) return;
    mark(frame, words.notSent, "failed");
    queue.pending = queue.pending.filter((each) => each !== frame);
    keep(queue);
    tells.problem(words.refused);
  }

  function finish() {
    for (const queue of queues) for (const { id } of [...queue.pending]) drop(id, queue);
    stop(words.ended);
    tells.over();
  }

  function stop(text, canReturn = false) {
    line.stop();
    tells.line(text, "", canReturn);
    tells.problem("");
  }

  function begun() {
    if (started) {
      finish();
      return;
    }
    started = true;
    holdUntil = 0;
    tells.problem("");
    tells.line(words.connected, "good");
    sendPending();
  }

  function hear(frame, queue) {
    if (typeof frame.a === "number") acknowledged(frame.a, queue);
    else if (frame.error) refused(frame.error, frame.id, queue);
    else if (frame.type === "event" && frame.name === "session") begun();
    else tells.frame(frame);
  }

  function opened() {
    tells.line(started ? words.connected : words.waiting, "good");
    for (const frame of own.pending) frame.sent = false;
    renewed = false;
    sendPending();
    tells.up(wasUp);
    wasUp = true;
  }

  window.addEventListener("pagehide", flush);
  return { enqueue, hasRoom, open: () => line.open() };
}
