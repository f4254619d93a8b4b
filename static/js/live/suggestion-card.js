// The suggestion's card: its clock (the server's), its keys, and the care that no fragment touches
// words that somebody is writing.

import { isLaidOut, setText } from "./freshness.js";
import { each } from "./page-beat.js";
import { within } from "../shared/time-limit.js";
import { alarm, say } from "../shared/live-regions.js";

const SEEN_MS = 1000;
const SOON_MS = 20000;
const RENEW_MS = 60000;
const TWICE_MS = 500;
const GO_MS = 1500;
const TIMEOUT_MS = 8000;
const words = JSON.parse(document.getElementById("words").textContent);
const { parts } = document.getElementById("main").dataset;
const card = () => document.getElementById("suggest");
let fresh = null;
let told = key();
let isShown = false;
let seenSince = Infinity;
let seenTimer = 0;
let ownAt = 0;
let warned = "";
let asked = 0;
// The request of ours that is on its way, and whether somebody else's news came meanwhile.
let sending = null;
let missed = false;
let goes = -Infinity;
let pressed = { button: null, at: 0 };

function key() {
  const { card: pk = "", face = "" } = card()?.dataset ?? {};
  return `${pk}/${face}`;
}

const asking = () => document.querySelector("#mode [data-ask]");
const isEditing = () => card().dataset.face === "editing";
const refetch = () => document.body.dispatchEvent(new CustomEvent("ec-suggestion"));

// --- the clock

function clock(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function setPart(node, name, value) {
  if (node && node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function run() {
  const section = card();
  measure(section);
  if (!section.dataset.ends) return;
  const left = Number(section.dataset.ends) - fresh.now();
  const share = Math.min(100, Math.max(0, left / Number(section.dataset.total) / 10)).toFixed(1);
  for (const node of section.querySelectorAll("[data-left]")) setText(node, clock(left));
  setPart(section.querySelector("[data-ring]"), "stroke-dasharray", `${share} 100`);
  setPart(section.querySelector("[data-bar]"), "width", `${share}%`);
  const title = section.querySelector("[data-pattern]");
  if (title) setText(title, title.dataset.pattern.replace("{n}", Math.max(0, Math.ceil(left / 1000))));
  warn(section, left);
  // What ends, ends at the server: the page only asks what became of it.
  if (left < -400 && performance.now() - asked > 1500) {
    asked = performance.now();
    refetch();
  }
}

// The last seconds before something goes out are shown as they are; all else has time until the beat.
function hurry() {
  if (["countdown", "undo"].includes(card().dataset.face)) run();
}

function warn(section, left) {
  if (section.dataset.face !== "ready" || left > SOON_MS || left < 0 || warned === section.dataset.card) return;
  if (Number(section.dataset.total) * 1000 > SOON_MS) say(words.soon);
  warned = section.dataset.card;
}

function measure(section) {
  const progress = section.querySelector("[data-progress]");
  if (!progress) return;
  const done = (fresh.now() - Number(progress.dataset.started)) / 1000 / Number(progress.dataset.span);
  const bar = progress.querySelector("[data-measured]");
  setPart(bar, "width", `${(100 * Math.min(1, Math.max(0, done))).toFixed(1)}%`);
}

// An approval by a key needs a card that has been on screen for a second.
function see() {
  clearTimeout(seenTimer);
  delete card().dataset.seen;
  seenSince = isShown && !document.hidden ? performance.now() : Infinity;
  if (seenSince < Infinity) seenTimer = setTimeout(() => { card().dataset.seen = ""; }, SEEN_MS);
}

function watch() {
  document.addEventListener("visibilitychange", see);
  new IntersectionObserver((entries) => {
    isShown = entries.at(-1).isIntersecting;
    see();
  }, { rootMargin: "-120px 0px -60px" }).observe(card());
}

const isSeen = () => performance.now() - seenSince >= SEEN_MS;

// --- keys

function press(action, unseen = false) {
  const button = document.querySelector(`#act-${action} button`);
  if (!button) return;
  if (!unseen && !isSeen()) return;
  button.click();
}

export const keys = {
  a: () => press("approve"),
  e: () => press("edit", true),
  d: () => press("dismiss"),
  h: () => press("hold", true),
  z: () => press("undo", true),
  w: () => card().querySelector("a[data-why]")?.click(),
  g: () => { goes = performance.now(); },
  r: () => {
    const report = document.querySelector('a[href$="/report/"]');
    if (report && performance.now() - goes < GO_MS) location.assign(report.href);
  },
  m: () => (isLaidOut(document.querySelector(".modes [aria-pressed='true']"))
    ? document.querySelector(".modes [aria-pressed='true']")
    : document.querySelector("#mode-chip > summary"))?.focus(),
};

// --- words that are being written

function count() {
  for (const node of card().querySelectorAll("[data-count-of]")) {
    const field = document.getElementById(node.dataset.countOf);
    setText(node, `${field.value.length} / ${field.maxLength}`);
  }
}

async function post(url, form) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return within(TIMEOUT_MS, (signal) => fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, signal }));
}

// Somebody else may have ended it meanwhile: say so beside the words, which stay where they are.
async function peek() {
  const form = card().querySelector("form.editing");
  if (!form) return;
  try {
    const answer = await fetch(parts.replace("all", "suggest"), { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("suggest");
    const note = form.querySelector("[data-meanwhile]");
    const mine = now.dataset.face === "editing" && now.dataset.card === card().dataset.card;
    note.hidden = mine;
    setText(note, mine ? "" : `${now.querySelector("#suggest-title").textContent.trim()} ${words.kept}`);
    if (!mine) say(note.textContent);
  } catch {
    // The line is away: the banner says so.
  }
}

function renew() {
  const form = isEditing() && card().querySelector("form[data-renew]");
  if (form) post(form.dataset.renew, form).then((answer) => answer.ok || peek()).catch(() => {});
}

// --- fragments

// Whether a part must stay as it is, though an answer that was asked for at that time says otherwise:
// words that are being written, what is on its way or came after the question, a question being answered.
export function holds(name, askedAt) {
  if (name === "mode") return Boolean(asking());
  if (name !== "suggest") return false;
  if (sending) missed = true;
  return isEditing() || Boolean(sending) || askedAt < ownAt;
}

function guard(event) {
  const source = event.detail.ctx?.sourceElement;
  if (!source?.closest?.("#suggest, #mode")) return;
  if (fresh.isLost) {
    event.preventDefault();
    say(words.notNow);
    return;
  }
  if (source.closest("#suggest")) {
    if (sending) event.preventDefault();
    else sending = event.detail.ctx;
  }
  source.querySelector?.("button")?.setAttribute("data-busy", "");
}

// A double click is one click, and nothing is pressed while an answer is on its way: htmx would keep
// the second request and send it afterwards.
function once(event) {
  const button = event.target.closest?.("#suggest button:not([type])");
  if (!button) return;
  const again = button === pressed.button && event.timeStamp - pressed.at < TWICE_MS;
  pressed = { button, at: event.timeStamp };
  if (!again && !sending && !fresh.isLost) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (fresh.isLost) say(words.notNow);
}

function swapped(event) {
  count();
  const source = event.detail?.ctx?.sourceElement;
  if (source?.tagName === "FORM" && asking()) asking().querySelector("[data-autofocus]").focus();
  else if (source?.hasAttribute?.("data-cancel")) keys.m();
  const section = card();
  const now = key();
  if (sending && event.detail?.ctx === sending) {
    ownAt = performance.now();
    const next = section.querySelector("[data-autofocus]");
    if (next) next.focus({ preventScroll: false });
    else if (document.activeElement === document.body) section.focus({ preventScroll: true });
    const problem = section.querySelector("[data-problem]");
    if (problem) alarm(problem.textContent.trim());
    // The form is gone with its card: the end of its request reaches nobody.
    done();
  }
  run();
  if (now === told) return;
  told = now;
  see();
  const text = section.dataset.say;
  if (text) (section.hasAttribute("data-urgent") ? alarm : say)(text);
}

function done() {
  for (const button of document.querySelectorAll("[data-busy]")) button.removeAttribute("data-busy");
  sending = null;
  if (missed) refetch();
  missed = false;
}

// Buttons that cannot reach the server say so, and keep their place.
function allow() {
  for (const button of document.querySelectorAll("#suggest .acts .btn, #mode button")) {
    if (fresh.isLost) setPart(button, "aria-disabled", "true");
    else if (button.getAttribute("aria-disabled")) button.removeAttribute("aria-disabled");
  }
}

export const asks = () => ["ready", "countdown", "being_edited"].includes(card()?.dataset.face);
export const isMoving = () => ["generating", "going_out", "measuring", "held_out"].includes(card()?.dataset.face);

export function listen(freshness) {
  fresh = freshness;
  document.addEventListener("htmx:before:request", guard);
  document.addEventListener("htmx:finally:request", (event) => {
    if (sending && event.detail.ctx === sending) done();
    else if (event.target.closest?.("#mode")) document.querySelector("#mode [data-busy]")?.removeAttribute("data-busy");
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && asking()?.querySelector("[data-cancel]").click());
  document.addEventListener("htmx:after:swap", swapped);
  document.body.addEventListener("ec-drawn", swapped);
  document.addEventListener("input", (event) => event.target.closest?.("#suggest") && count());
  document.addEventListener("reset", () => setTimeout(count));
  document.body.addEventListener("ec-suggestion", () => isEditing() && peek());
  document.addEventListener("click", once, true);
  setInterval(renew, RENEW_MS);
  setInterval(hurry, 200);
  each(run);
  each(allow);
  watch();
  count();
}
