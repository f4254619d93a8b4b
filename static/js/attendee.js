// The page of the people in the room. Frames are numbered, kept until the server says that they are
// in its log, and sent again after a lost connection: see engagement/wire.py for what is said.

const FIRST_MS = 500;
const MOST_MS = 15000;
const GATHER_MS = 250;
const REACTION_MS = 1000;
const FRAME_MOST = 50;
const SAID_MOST = 50;
const HOLD_MS = 5000;

const $ = (id) => document.getElementById(id);
const room = $("room");
const words = JSON.parse($("words").textContent);
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
let started = room.dataset.sessionStatus === "live";

function line(text, tone) {
  if ($("line-text").textContent !== text) $("line-text").textContent = text;
  $("line-dot").className = `dot ${tone}`;
}

function problem(text) {
  $("problem").textContent = text;
}

// --- saying things

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
  if (!pending.length) problem("");
}

function mark(frame, text, name) {
  for (const { item } of frame.signals) {
    if (!item) continue;
    item.querySelector("small").textContent = text;
    item.className = name;
  }
}

// --- hearing

const ENDED = new Set(["session_ended", "session_unknown"]);
const TOKEN = new Set(["token_missing", "token_invalid", "token_expired", "token_other_session"]);

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
  problem(text);
  sendPending();
}

function drop(id) {
  const frame = pending.find((each) => each.id === id);
  if (!frame) return;
  mark(frame, words.notSent, "failed");
  pending = pending.filter((each) => each !== frame);
  problem(words.refused);
}

function finish() {
  stop(words.ended);
  for (const control of document.querySelectorAll(".acts button, .acts textarea, .acts input")) control.disabled = true;
}

function stop(text) {
  over = true;
  line(text, "");
  problem("");
  socket?.close();
}

function hear(frame) {
  if (typeof frame.a === "number") acknowledged(frame.a);
  else if (frame.error) refused(frame.error, frame.id);
  else if (frame.ping !== undefined) socket.send(JSON.stringify({ pong: frame.ping }));
  else if (frame.type === "event" && frame.name === "session") {
    if (started) finish();
    else {
      started = true;
      holdUntil = 0;
      problem("");
      line(words.connected, "good");
      sendPending();
    }
  }
}

function open() {
  if (over) return;
  const where = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/attend/${room.dataset.session}/`;
  const query = new URLSearchParams({ token: room.dataset.token, client });
  socket = new WebSocket(`${where}?${query}`);
  socket.addEventListener("open", () => {
    line(started ? words.connected : words.waiting, "good");
    for (const frame of pending) frame.sent = false;
    sendPending();
  });
  socket.addEventListener("message", (event) => {
    wait = FIRST_MS;
    const said = JSON.parse(event.data);
    for (const frame of Array.isArray(said) ? said : [said]) hear(frame);
  });
  socket.addEventListener("close", () => {
    if (over) return;
    line(words.reconnecting, "off");
    setTimeout(open, wait * (0.7 + 0.6 * Math.random()));
    wait = Math.min(wait * 2, MOST_MS);
  });
}

// --- the controls

function show(text, isQuestion) {
  const item = document.createElement("li");
  item.textContent = text;
  const note = document.createElement("small");
  note.textContent = words.sending;
  if (isQuestion) item.prepend(`${words.question}: `);
  item.append(note);
  $("said").append(item);
  $("hint").hidden = true;
  while ($("said").children.length > SAID_MOST) $("said").firstChild.remove();
  item.scrollIntoView({ block: "end" });
  return item;
}

const QUESTION_MOST = 300;

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  const isQuestion = $("as-question").checked;
  if (!text) return;
  if (isQuestion && text.length > QUESTION_MOST) {
    problem(words.tooLong);
    return;
  }
  enqueue(isQuestion ? "question" : "chat", text, show(text, isQuestion));
  $("text").value = "";
  $("as-question").checked = false;
  problem("");
});

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
});

for (const button of document.querySelectorAll("[data-reaction]")) {
  button.addEventListener("click", () => enqueue("reaction", button.dataset.reaction, null, REACTION_MS));
}

for (const button of document.querySelectorAll("[data-pulse]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-pulse]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    enqueue("pulse", button.dataset.pulse, null);
    line(words.thanks, "good");
  });
}

open();
