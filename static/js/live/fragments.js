// The parts of the page that the server renders. One request asks for all that some news touches; of
// an answer only what differs is written: a text, an attribute, and htmx morphs what has another shape.

import { soon } from "./page-beat.js";
import { spread, within } from "../shared/time-limit.js";

const MOST_TRIES = 5;
const GATHER_MS = 40;
const LATE_MS = 1000;
const TIMEOUT_MS = 8000;
// What the page itself puts on nodes: no answer takes it away.
const OURS = /^(data-htmx-powered|data-seen|data-busy|open)$/;
// New in every answer, though nothing changed; whoever asked with one gets another with the answer.
const TOKENS = ["csrfmiddlewaretoken", "request_key"];
const REASONS = ["tick", "state", "anomaly", "suggestion", "outcome", "feed", "mode", "slow", "all"];
const main = document.getElementById("main");
let wanted = new Set();
let jobs = [];
let timer = 0;
let isAsking = false;
let full = 0;
let holds = () => false;

// `jobs` are done in the beat in which the answer is drawn: the numbers of a tick change together.
export function withNext(job) {
  jobs.push(job);
  send();
}

function ask(reason) {
  for (const node of document.querySelectorAll(`[data-on~="${reason}"]`)) wanted.add(node.id);
  send();
}

function send() {
  if (!isAsking) timer ||= setTimeout(go, GATHER_MS);
}

async function go() {
  const names = [...wanted].filter((name) => !holds(name, Infinity)), now = once(jobs);
  const asked = performance.now();
  wanted = new Set();
  jobs = [];
  timer = 0;
  isAsking = true;
  // Numbers do not wait for a slow answer.
  const late = setTimeout(() => soon(now), LATE_MS);
  const answer = names.length ? await get(names) : null;
  clearTimeout(late);
  soon(() => {
    now();
    if (answer) draw(answer, asked);
  });
  isAsking = false;
  if (wanted.size || jobs.length) send();
}

function once(list) {
  return () => { for (const job of list.splice(0)) job(); };
}

function again(names) {
  for (const name of names) wanted.add(name);
  send();
}

async function get(names) {
  try {
    const url = main.dataset.parts.replace("all", names.sort().join("+"));
    return await within(TIMEOUT_MS, async (signal) => {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal });
      // A sign-in that ran out answers with the sign-in page: that is no fragment.
      if (answer.redirected) location.reload();
      full = answer.status === 503 ? full + 1 : 0;
      // What is still wanted is asked for again when the server says; the slow round does it in any case.
      if (full && full < MOST_TRIES) setTimeout(again, spread(Number(answer.headers.get("Retry-After")) || 2), names);
      return answer.ok && !answer.redirected ? await answer.text() : null;
    });
  } catch {
    // The line is away: the banner says so.
  }
  return null;
}

function draw(html, asked) {
  const page = document.createElement("template");
  page.innerHTML = html;
  for (const fresh of [...page.content.children]) {
    const old = document.getElementById(fresh.id);
    if (!old || holds(fresh.id, asked)) continue;
    if (isAlike(old, fresh)) write(old, fresh);
    else htmx.swap({ text: fresh.outerHTML, target: old, sourceElement: old, swap: "outerMorph" });
  }
  document.body.dispatchEvent(new CustomEvent("ec-drawn"));
}

const isOurs = (node) => node.nodeType === 1 && (node.hasAttribute("hx-morph-skip") || TOKENS.includes(node.name));
const plain = (node) => [...node.attributes].filter(({ name }) => !OURS.test(name));
// What htmx or the browser remembers of a node is not ours to write.
const isWired = ({ name }) => name.startsWith("hx-") || name === "value" || name === "checked";

function isAlike(old, fresh) {
  if (isOurs(old) && isOurs(fresh)) return true;
  if (old.nodeName !== fresh.nodeName || old.childNodes.length !== fresh.childNodes.length) return false;
  if (old.nodeType !== 1) return true;
  const wired = (node) => plain(node).filter(isWired).map(({ name, value }) => name + value).join();
  if (old.id !== fresh.id || wired(old) !== wired(fresh)) return false;
  return [...old.childNodes].every((node, i) => isAlike(node, fresh.childNodes[i]));
}

function write(old, fresh) {
  if (isOurs(old)) return;
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name, value } of plain(fresh)) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of plain(old)) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  old.childNodes.forEach((node, i) => write(node, fresh.childNodes[i]));
}

// `held(name, asked)`: whether a part must stay as it is, asked for at that time.
export function listen(held) {
  holds = held;
  for (const reason of REASONS) document.body.addEventListener(`ec-${reason}`, () => ask(reason));
}
