// The page of the people in the room: what they say, what they are asked, what others want to know.

import { makeApi } from "./api.js";
import { makeCard } from "./card.js";
import { makeChat } from "./chat.js";
import { makeLine } from "./connection.js";
import { makeQuestions } from "./questions.js";
import { makeVotes } from "./votes.js";
import { request } from "../shared/request.js";
import { answer as say } from "../shared/live-regions.js";

const REACTION_MS = 1000;
const QUESTION_MOST = 300;
const FRESH_MS = 3000;
const RENEW_MS = 3000;
// As engagement/vocabulary/visible_text.py has it: something one can see, and none of the letters without a picture.
const isVisible = (text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115f\u1160\u2800\u3164\uffa0]/g, ""));

const $ = (id) => document.getElementById(id);
const room = $("room");
const words = JSON.parse($("words").textContent);
// Holds the token, which may be renewed.
const pass = room.dataset;
const { session } = pass;
const ask = makeApi({ session, pass });
// What is open when we come was perhaps answered before; what opens later was not.
let freshUntil = 0;

const card = makeCard({
  root: $("card"),
  words,
  say,
  tells: {
    choose: (id, option) => votes.cast(id, option),
    answer: (text, id) => utter("chat", text, id),
    fetch: sync,
  },
});
const votes = makeVotes({ session, ask, tells: card });
const questions = makeQuestions({ root: $("questions"), ask, words, say });
const chat = makeChat({
  list: $("said"),
  log: $("log"),
  hint: $("hint"),
  newer: $("newer"),
  ask,
  words,
  say,
  mode: room.dataset.chat,
  heard: room.dataset.heard === "true",
});
const line = makeLine({
  session,
  pass,
  started: pass.sessionStatus === "live",
  words,
  tells: { line: showLine, problem, mark, frame: hear, up, over, again, restored: write },
});

// What one wrote stands on the page at once; what becomes of it, the server says.
function write(kind, text) {
  if (kind !== "chat" && kind !== "question") return null;
  const isNote = kind === "question";
  const item = chat.write(text, { isNote, label: isNote ? words.question : "" });
  if (isNote) questions.asked(text, (said) => chat.note(item, said));
  return item;
}

// False where too much waits already. `answers`: the interaction that this is an answer to.
function utter(kind, text, answers) {
  if (!line.hasRoom()) return false;
  const item = write(kind, text);
  line.enqueue(kind, text, Object.assign(item, { answers }));
  return true;
}

function mark(item, text, name, kind) {
  if (item) chat.status(item, text, name);
  if (item?.answers) card.answered(item.answers, text === words.sent);
  if (kind === "pulse" && text === words.sent) showLine(pass.heard === "true" ? words.thanks : words.notKept, "good");
}

// A token that has expired is renewed; false where it cannot be.
async function again() {
  for (;;) {
    const { status, body } = await request(pass.pass, { token: pass.token });
    if (status === 200) pass.token = body.token;
    if (status && status < 500) return status === 200;
    await new Promise((done) => { setTimeout(done, RENEW_MS); });
  }
}

function showLine(text, tone, canReturn = false) {
  $("again").hidden = !canReturn;
  if ($("line-text").textContent !== text) $("line-text").textContent = text;
  $("line-dot").className = `dot ${tone}`;
}

function problem(text) {
  $("problem").textContent = text;
}

async function sync(id) {
  const { status, body } = await ask(`interventions/${id}/`);
  if (status === 200) card.sync(body);
}

function up(again) {
  freshUntil = performance.now() + FRESH_MS;
  votes.sendAll();
  if (!again) return;
  questions.changed();
  chat.up();
  const id = card.current();
  if (id !== null) sync(id);
}

function over() {
  for (const control of document.querySelectorAll(".acts button, .acts textarea, .acts input")) control.disabled = true;
}

const hears = {
  interaction(frame) {
    if (!card.open(frame)) return;
    const waiting = votes.waitsFor(frame.id);
    if (waiting !== undefined) card.remember(waiting);
    else if (performance.now() < freshUntil) sync(frame.id);
  },
  tally: card.tally,
  closed: card.closed,
  chat: chat.hear,
  event: ({ name, title }) => {
    if (name === "questions") questions.changed();
    if (name === "settings") document.title = document.querySelector("h1").textContent = title;
  },
};

function hear(frame) {
  hears[frame.type]?.(frame);
}

// --- the controls

// Sent without a connection they would end on the browser's own page of errors, and this one be gone.
for (const form of document.querySelectorAll(".own form")) {
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    problem(words.notSaved);
  });
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  const isQuestion = $("as-question").checked;
  if (!text) return;
  if (!isVisible(text)) {
    problem(words.nothing);
    return;
  }
  if (isQuestion && text.length > QUESTION_MOST) {
    problem(words.tooLong);
    return;
  }
  if (!utter(isQuestion ? "question" : "chat", text)) return;
  $("text").value = "";
  $("as-question").checked = false;
  problem("");
});

// Until here a form of the browser's own would have reloaded the page, and what was typed with it.
$("write").querySelector(".send").disabled = false;

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").querySelector(".send").click();
});

for (const button of document.querySelectorAll("[data-reaction]")) {
  button.addEventListener("click", () => line.enqueue("reaction", button.dataset.reaction, null, REACTION_MS));
}

for (const button of document.querySelectorAll("[data-pulse]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-pulse]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    line.enqueue("pulse", button.dataset.pulse, null);
  });
}

$("again").addEventListener("click", () => location.reload());
window.addEventListener("online", votes.sendAll);
line.open();
questions.start();
