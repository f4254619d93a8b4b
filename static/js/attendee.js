// The page of the people in the room: what they say, what they are asked, what others want to know.

import { makeApi } from "./attendee-api.js";
import { makeCard } from "./attendee-card.js";
import { makeChat } from "./attendee-chat.js";
import { makeLine } from "./attendee-line.js";
import { makeQuestions } from "./attendee-questions.js";
import { makeVotes } from "./attendee-votes.js";
import { answer as say } from "./say.js";

const REACTION_MS = 1000;
const QUESTION_MOST = 300;
const FRESH_MS = 3000;
// As engagement/visible.py has it: something one can see, and none of the letters without a picture.
const isVisible = (text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115f\u1160\u2800\u3164\uffa0]/g, ""));

const $ = (id) => document.getElementById(id);
const room = $("room");
const words = JSON.parse($("words").textContent);
const { session, token } = room.dataset;
const ask = makeApi({ session, token });
// What is open when we come was perhaps answered before; what opens later was not.
let freshUntil = 0;

const card = makeCard({
  root: $("card"),
  words,
  say,
  tells: {
    choose: (id, option) => votes.cast(id, option),
    answer: (text) => line.enqueue("chat", text, chat.write(text)),
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
  token,
  started: room.dataset.sessionStatus === "live",
  words,
  tells: { line: showLine, problem, mark: chat.status, frame: hear, up, over },
});

function showLine(text, tone) {
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
  event: ({ name }) => { if (name === "questions") questions.changed(); },
};

function hear(frame) {
  hears[frame.type]?.(frame);
}

// --- the controls

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
  const said = chat.write(text, { isNote: isQuestion, label: isQuestion ? words.question : "" });
  if (isQuestion) questions.asked(text, (words) => chat.note(said, words));
  line.enqueue(isQuestion ? "question" : "chat", text, said);
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
  button.addEventListener("click", () => line.enqueue("reaction", button.dataset.reaction, null, REACTION_MS));
}

for (const button of document.querySelectorAll("[data-pulse]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-pulse]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    line.enqueue("pulse", button.dataset.pulse, null);
    showLine(words.thanks, "good");
  });
}

window.addEventListener("online", votes.sendAll);
line.open();
questions.start();
