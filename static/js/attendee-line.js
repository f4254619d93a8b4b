// The line to the room. Frames are numbered, kept until the server says that they are in its log, and
// sent again after a lost connection: see engagement/wire.py for what is said.

const FIRST_MS = 500;
const MOST_MS = 15000;
const GATHER_MS = 250;
const FRAME_MOST = 50;
const HOLD_MS = 5000;
const ENDED = new Set(["session_ended", "session_unknown"]);
const TOKEN = new Set(["token_missing", "token_invalid", "token_expired", "token_other_session"]);

// `tells`: { line(text, tone), problem(text), mark(item, text, name), frame(frame), up(again), over() }
export function makeLine({ session, token, started, words, tells }) {
  // Not randomUUID: a page opened by address on a plain network has none.
  const client = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  let socket = null;
  let wait = FIRST_MS;
  let gathered = [];
  let gatherTimer = 0;
  let pending = [];
  let nextId = 1;
  let holdUntil = 0;
  let over = false;
  let wasUp = false;

  function enqueue(kind, value, item, delay = GATHER_MS) {
    gathered.push({ kind, value, at: Date.now(), item });
    if (delay === GATHER_MS && gatherTimer) clearTimeout(gatherTimer);
    if (delay === GATHER_MS || !gatherTimer) gatherTimer = setTimeout(flush, delay);
  }

  function flush() {
    gatherTimer = 0;
    while (gathered.length) pending.push({ id: nextId++, signals: gathered.splice(0, FRAME_MOST), sent: false });
    sendPending();
  }

  function sendPending() {
    const pause = holdUntil - Date.now();
    if (pause > 0) {
      setTimeout(sendPending, pause + 10);
      return;
    }
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (const frame of pending) {
      if (frame.sent) continue;
      frame.sent = true;
      const now = Date.now();
      const s = frame.signals.map(({ kind, value, at }) => [kind, value, Math.min(Math.max(0, now - at), 86400000)]);
      socket.send(JSON.stringify({ id: frame.id, s }));
    }
  }

  function acknowledged(n) {
    for (const frame of pending.filter(({ id }) => id <= n)) mark(frame, words.sent, "");
    pending = pending.filter(({ id }) => id > n);
    if (!pending.length) tells.problem("");
  }

  function mark(frame, text, name) {
    for (const { item } of frame.signals) if (item) tells.mark(item, text, name);
  }

  function refused(error, id) {
    if (ENDED.has(error.code)) finish();
    else if (TOKEN.has(error.code)) stop(words.again);
    else if (error.code === "token_in_use") stop(words.elsewhere);
    else if (error.code === "session_not_live") hold(HOLD_MS, words.notLive);
    else if (error.retry_after) hold(error.retry_after * 1000, words.slow.replace("{seconds}", error.retry_after));
    else if (id !== undefined) drop(id);
  }

  // Nothing above the last acknowledgement is safe: all of it goes again, oldest first.
  function hold(ms, text) {
    holdUntil = Date.now() + ms;
    for (const frame of pending) frame.sent = false;
    tells.problem(text);
    sendPending();
  }

  function drop(id) {
    const frame = pending.find((each) => each.id === id);
    if (!frame) return;
    mark(frame, words.notSent, "failed");
    pending = pending.filter((each) => each !== frame);
    tells.problem(words.refused);
  }

  function finish() {
    stop(words.ended);
    tells.over();
  }

  function stop(text) {
    over = true;
    tells.line(text, "");
    tells.problem("");
    socket?.close();
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

  function hear(frame) {
    if (typeof frame.a === "number") acknowledged(frame.a);
    else if (frame.error) refused(frame.error, frame.id);
    else if (frame.ping !== undefined) socket.send(JSON.stringify({ pong: frame.ping }));
    else if (frame.type === "event" && frame.name === "session") begun();
    else tells.frame(frame);
  }

  function open() {
    if (over) return;
    const where = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/attend/${session}/`;
    socket = new WebSocket(`${where}?${new URLSearchParams({ token, client })}`);
    socket.addEventListener("open", () => {
      tells.line(started ? words.connected : words.waiting, "good");
      for (const frame of pending) frame.sent = false;
      sendPending();
      tells.up(wasUp);
      wasUp = true;
    });
    socket.addEventListener("message", (event) => {
      wait = FIRST_MS;
      const said = JSON.parse(event.data);
      for (const frame of Array.isArray(said) ? said : [said]) hear(frame);
    });
    socket.addEventListener("close", () => {
      if (over) return;
      tells.line(words.reconnecting, "off");
      setTimeout(open, wait * (0.7 + 0.6 * Math.random()));
      wait = Math.min(wait * 2, MOST_MS);
    });
  }

  return { enqueue, open };
}
