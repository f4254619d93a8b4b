// The moderators' page: its list follows the socket of the session, once a second at most, and whoever
// decides by keyboard goes on with the next message.

import { Line } from "../shared/socket-connection.js";

const PACE_MS = 1000;
const POLL_MS = 5000;
const desk = () => document.getElementById("desk");
let timer = 0;
let acted = null;

function changed() {
  timer ||= setTimeout(() => {
    timer = 0;
    document.body.dispatchEvent(new CustomEvent("ec-chat"));
  }, PACE_MS);
}

const line = new Line({ socket: () => desk().dataset.socket, tells: {
  heard: ({ type, name }) => { if (type === "hello" || type === "recovered" || (type === "event" && (name === "chat" || name === "questions"))) changed(); },
  opened() {},
  closed() {},
  refused: () => location.reload(),
} });
// Where no socket gets through, the list is asked for.
setInterval(() => { if (!line.isOpen && !document.hidden) changed(); }, POLL_MS);

document.addEventListener("submit", (event) => {
  const item = event.target.closest("#desk li");
  if (!item) return;
  const list = item.parentElement;
  acted = { title: list.closest("section").getAttribute("aria-labelledby"), index: [...list.children].indexOf(item) };
});

document.addEventListener("htmx:after:swap", () => {
  if (!acted || document.activeElement !== document.body) return;
  const items = document.querySelectorAll(`[aria-labelledby="${acted.title}"] li`);
  const next = items[Math.min(acted.index, items.length - 1)]?.querySelector("button") ?? document.getElementById("main");
  acted = null;
  next.focus({ preventScroll: true });
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  line.open();
  changed();
});
line.open();
