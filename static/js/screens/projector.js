// Projector and overlay: what is open, large. Shares are shown at the end, so that nobody in the room
// votes after the majority; the board of a challenge lives. Order is fixed while open, sorted at close.

import { fill } from "../shared/fill-text.js";
import { lengths, percents } from "../shared/vote-shares.js";
import { listen } from "./connection.js";
import { whose } from "../shared/text-source.js";

const MESSAGE_MS = 120000;
const RESULTS_MS = 60000;
const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const { token, language } = document.body.dataset;
const isOverlay = document.body.classList.contains("overlay");
let now = null;
let parts = {};
let timer = 0;
let armed = false;
const spoken = new Set();

function el(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) Object.assign(made, { textContent: text, dir: "auto" });
  return made;
}

function open(frame) {
  if (now?.id === frame.id) {
    setEnd(frame.seconds_left);
    return;
  }
  now = { ...frame, isOpen: true, people: 0 };
  build();
  setEnd(frame.seconds_left);
  if (frame.surface === "voice") speak(frame);
}

function build() {
  const box = $("open");
  parts = { rows: [] };
  const body = [el(isOverlay ? "p" : "h1", "what", now.text)];
  if (now.quote) body.unshift(el("blockquote", "", now.quote));
  if (now.options.length) {
    const list = el("ol", "opts");
    now.options.forEach((text, index) => {
      const row = el("li");
      parts.rows[index] = { row, bar: el("i"), share: el("b") };
      row.append(parts.rows[index].bar, el("span", "", text), parts.rows[index].share);
      list.append(row);
    });
    parts.list = list;
    body.push(list);
  }
  const foot = el("p", "foot");
  parts.count = el("span");
  parts.clock = el("span", "clock");
  foot.append(parts.count, parts.clock);
  body.push(foot, el("p", "from", whose(now, words)));
  box.replaceChildren(...body);
  box.dataset.surface = now.surface;
  show(true);
  update();
}

function show(isShown) {
  $("open").hidden = !isShown;
  if ($("idle")) $("idle").hidden = isShown;
  if ($("key")) $("key").hidden = !isShown;
  document.body.classList.toggle("busy", isShown);
}

function update() {
  const game = now.answer === "team";
  const shown = now.counts !== undefined && (game || !now.isOpen);
  const values = (game ? now.board : now.counts) ?? [];
  const bars = game ? lengths(values) : percents(values);
  parts.rows.forEach(({ row, bar, share }, index) => {
    const part = bars[index] ?? 0;
    bar.style.setProperty("--share", shown ? `${part}%` : "0%");
    share.textContent = !shown ? "" : game ? fill(values[index] === 1 ? words.point1 : words.points, { points: values[index] ?? 0 }) : `${part}\u202f%`;
    row.classList.toggle("best", !now.isOpen && (now.correct === index || now.winner === index));
    row.classList.toggle("top", shown && (values[index] ?? 0) > 0 && values[index] === Math.max(...values));
  });
  if (!now.isOpen && parts.list && !isOverlay) {
    parts.list.append(...parts.rows.map(({ row }, n) => [values[n] ?? 0, n, row]).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, , row]) => row));
  }
  parts.count.textContent = counted();
}

function counted() {
  if (!now.options.length) return "";
  const { people } = now;
  if (now.answer === "team") {
    if (!now.isOpen) return now.winner === null ? words.draw : fill(words.winner, { team: now.options[now.winner] });
    return fill(people === 1 ? words.player1 : words.players, { people });
  }
  return fill(people === 1 ? words.answer1 : words.answers, { people });
}

function tally(frame) {
  if (now?.id !== frame.id || !now.isOpen) return;
  Object.assign(now, { counts: frame.counts, people: frame.people, board: frame.board });
  update();
}

function closed(frame) {
  if (now?.id !== frame.id) return;
  if (now.surface === "countdown") {
    idle();
    return;
  }
  Object.assign(now, frame, { isOpen: false });
  clearInterval(timer);
  parts.clock.textContent = words.closed;
  update();
  timer = setInterval(idle, RESULTS_MS);
}

function idle() {
  clearInterval(timer);
  now = null;
  show(false);
  $("open").replaceChildren();
}

function setEnd(seconds) {
  clearInterval(timer);
  const until = performance.now() + (seconds === null ? MESSAGE_MS : seconds * 1000);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    if (seconds !== null) parts.clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : words.closed;
    if (left > 0) return;
    clearInterval(timer);
    // What takes answers waits for the word of the end, with the results.
    if (!now.options.length) idle();
    else timer = setInterval(idle, RESULTS_MS);
  };
  timer = setInterval(tick, 250);
  tick();
}

// --- the voice; the words stand on the screen whether it speaks or not

function speak({ id, text }) {
  if (!armed || spoken.has(id) || !("speechSynthesis" in window)) return;
  spoken.add(id);
  const said = new SpeechSynthesisUtterance(text);
  said.lang = language;
  speechSynthesis.speak(said);
}

$("arm")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const hasVoice = "speechSynthesis" in window;
  // Within the click, or the browser stays silent.
  if (hasVoice) speechSynthesis.speak(new SpeechSynthesisUtterance(""));
  armed = hasVoice;
  const body = new FormData(form);
  const answer = hasVoice ? await fetch(form.action, { method: "POST", body }) : null;
  $("arm-note").textContent = answer?.ok ? words.armed : words.noVoice;
  form.classList.toggle("armed", Boolean(answer?.ok));
});

const hears = { interaction: open, tally, closed, event: ({ name }) => { if (name === "session" || name === "settings") location.reload(); } };

listen(token, {
  frame: (frame) => hears[frame.type]?.(frame),
  up: () => { $("lost").textContent = ""; },
  lost: () => { if (!isOverlay) $("lost").textContent = words.lost; },
  ended: () => {
    idle();
    if (!isOverlay) $("lost").textContent = words.ended;
  },
});
