// The live page. The socket says what changed, the page fetches it: numbers of a tick come with the
// frame, everything else is a fragment of the server; both change in the same beat of a second.

import { Chart } from "./score-chart.js";
import { listen as listenFragments, withNext } from "./fragments.js";
import { Freshness, beat, setText } from "./freshness.js";
import { listen as listenKeys } from "./keyboard.js";
import { Line } from "../shared/socket-connection.js";
import { each, soon, start } from "./page-beat.js";
import { within } from "../shared/time-limit.js";
import { alarm, answer, say } from "../shared/live-regions.js";
import { asks, holds, isMoving, keys as cardKeys, listen as listenCard } from "./suggestion-card.js";

const POLL_MS = 5000;
const POLL_MOST_MS = 30000;
const SLOW_MS = 30000;
const TIMEOUT_MS = 8000;
const main = document.getElementById("main");
const words = JSON.parse(document.getElementById("words").textContent);
const chart = new Chart(document.getElementById("chart"), words, main.dataset.zone);
const fresh = new Freshness();
const room = { seq: Number(main.dataset.seq), state: "", score: null, change: null };
let paused = false;
let pausedAt = 0;
let pollTimer = 0;
let pollWait = POLL_MS;
let loading = null;
let again = false;

function tell(name) {
  if (!paused && !document.hidden) document.body.dispatchEvent(new CustomEvent(name));
}

// --- what the server says

const hears = {
  hello(frame) {
    fresh.heardAt(frame.now);
    if (fresh.isLost) say(words.back);
    fresh.line = "open";
    // Whatever happened before the socket stood was not heard.
    refetch();
    fresh.show();
  },
  tick(frame) {
    fresh.tick(frame.t);
    if (frame.seq <= room.seq) return;
    const gap = room.seq > 0 && frame.seq > room.seq + 1;
    room.seq = frame.seq;
    if (paused) {
      soon(showPaused);
      return;
    }
    const know = note(frame);
    // Nothing is patched over a gap: what happened meanwhile is fetched.
    const misses = gap || !chart.points.length;
    withNext(() => {
      main.dataset.seq = frame.seq;
      beat();
      know();
      if (!misses) chart.add([frame.t, frame.score, frame.low, frame.high, tones[frame.state] ?? ""]);
    });
    if (misses) refetch();
    else {
      tell("ec-tick");
      if (isMoving()) tell("ec-suggestion");
    }
  },
  event(frame) {
    if (frame.name === "session" || frame.name === "settings") location.reload();
    else if (frame.name === "anomaly") {
      tell("ec-anomaly");
      if (!paused) load();
    } else if (frame.name === "suggestion") {
      // It may be about to send by itself: neither a pause of the view nor another tab hides it.
      document.body.dispatchEvent(new CustomEvent("ec-suggestion"));
      if (!paused) load();
    } else {
      tell(`ec-${frame.name}`);
      if (frame.name === "outcome" && !paused) load();
    }
  },
  degraded(frame) {
    const banner = document.getElementById("away");
    banner.hidden = false;
    banner.querySelector("[data-text]").textContent = words.away[frame.what] ?? words.away.other;
    say(banner.textContent.trim());
  },
  recovered() {
    document.getElementById("away").hidden = true;
    refetch();
  },
};

const tones = { engaged: "good", steady: "watch", drifting: "watch", recovering: "watch", losing: "low" };

const line = new Line({ socket: () => main.dataset.socket, tells: {
  heard: (frame) => hears[frame.type]?.(frame),
  opened() {
    pollWait = POLL_MS;
    clearTimeout(pollTimer);
  },
  closed(retryAt) {
    if (!fresh.isLost) {
      fresh.line = "closed";
      pollSoon(0);
    }
    fresh.retryAt = retryAt;
    fresh.show();
  },
  refused() {
    clearTimeout(pollTimer);
    fresh.line = "cut";
    fresh.show();
    say(words.cut);
  },
} });

// --- without a socket the page asks; only when that fails too is the connection lost

function pollSoon(wait) {
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, wait);
}

async function poll() {
  const has = () => line.isOpen || fresh.line === "cut";
  if (has()) return;
  const answered = await load();
  if (has()) return;
  if (answered) {
    if (fresh.isLost) say(words.back);
    fresh.line = "closed";
    tell("ec-all");
    pollWait = POLL_MS;
  } else {
    if (!fresh.isLost) {
      fresh.lostAt = fresh.now();
      say(words.lostNow.replace("{time}", fresh.clock.format(fresh.lostAt)));
    }
    fresh.line = "lost";
    pollWait = Math.min(pollWait * 1.5, POLL_MOST_MS);
  }
  fresh.show();
  pollSoon(pollWait);
}

// The numbers of the last hour; true where the server answered. What is asked for while an answer is
// on its way is asked again after it: that answer may be older than the question.
function load() {
  if (loading) {
    again = true;
    return loading;
  }
  loading = fetchSeries().finally(() => {
    loading = null;
    if (again) {
      again = false;
      load();
    }
  });
  return loading;
}

async function fetchSeries() {
  try {
    return await within(TIMEOUT_MS, async (signal) => {
      const response = await fetch(main.dataset.series, { signal });
      if (response.redirected || response.status === 404) {
        location.reload();
        return true;
      }
      // A server that is full answers: it is not lost, and is asked again in the usual round.
      if (!response.ok) return response.status === 503;
      const series = await response.json();
      soon(() => take(series));
      return true;
    });
  } catch {
    return false;
  }
}

function take(series) {
  if (series.status !== main.dataset.sessionStatus) location.reload();
  fresh.heardAt(series.now);
  if (series.points.length) fresh.tick(series.points.at(-1)[0]);
  room.seq = Math.max(room.seq, series.seq);
  if (main.dataset.seq !== String(room.seq)) main.dataset.seq = room.seq;
  if (main.dataset.loaded !== String(series.seq)) main.dataset.loaded = series.seq;
  if (paused) {
    showPaused();
    return;
  }
  // A tick that came while the answer was on its way is newer than the answer.
  const last = series.points.at(-1)?.[0] ?? 0;
  const newer = chart.points.filter(([t]) => t > last);
  chart.setSeries([...series.points, ...newer], series.marks, series.brackets);
  if (series.seq >= room.seq) note(series)();
}

function refetch() {
  if (paused) return;
  load();
  tell("ec-all");
}

// --- what changes in place

// Take in what is new of the room and ask for what depends on it; return what shows the numbers.
function note(news) {
  const had = room.score !== null;
  const stateChanged = news.state !== room.state;
  const first = room.state === "";
  Object.assign(room, { score: news.score, state: news.state, change: news.d2 });
  if (stateChanged || had !== (news.score !== null)) tell("ec-state");
  if (stateChanged && !first && news.score !== null) {
    say(words.announce.replace("{state}", words.states[news.state]).replace("{score}", news.score));
  }
  return () => show(news);
}

function show({ score, low, high }) {
  if (score !== null) {
    for (const [name, value] of [["score", score], ["low", low], ["high", high]]) {
      if (value !== null) setText(document.querySelector(`#score [data-${name}]`), String(value));
    }
  }
  showTitle();
}

// The tab says what waits for a decision, and else how the room is.
function showTitle() {
  const parts = room.score === null ? [] : [room.score, words.states[room.state]];
  const title = [...(asks() ? [words.asks] : []), ...parts, main.dataset.title].join(" · ");
  if (document.title !== title) document.title = title;
  const icon = document.getElementById("favicon");
  const wanted = icon.dataset[asks() ? "ask" : room.score === null ? "none" : tones[room.state] ?? "none"];
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

function signed(value) {
  if (value === null || value === undefined) return null;
  return value < 0 ? `\u2212${-value}` : value > 0 ? `+${value}` : "0";
}

// --- what the organizer does

function showPaused() {
  const missed = room.seq - pausedAt;
  const text = missed ? words.pausedCount.replace("{n}", String(missed)) : words.paused;
  setText(document.querySelector("#paused [data-text]"), text);
}

function setPaused(value) {
  paused = fresh.paused = value;
  pausedAt = room.seq;
  for (const button of document.querySelectorAll("[data-pause]")) {
    button.setAttribute("aria-pressed", String(value));
  }
  document.getElementById("paused").hidden = !value;
  showPaused();
  if (!value) refetch();
  fresh.show();
}

function choose(minutes) {
  for (const link of document.querySelectorAll("[data-minutes]")) {
    const chosen = Number(link.dataset.minutes) === minutes;
    if (chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  chart.setWindow(minutes);
  const table = document.querySelector(".chart .more a");
  if (table) table.href = table.href.replace(/minutes=\d+/, `minutes=${minutes}`);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-minutes]");
  if (link && chart.points.length && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    choose(Number(link.dataset.minutes));
  }
  if (event.target.closest("[data-retry]")) {
    line.open();
    poll();
  }
  if (event.target.closest("[data-pause]")) setPaused(!paused);
  if (event.target.closest("[data-resume]")) setPaused(false);
});

// The tour is loaded by whoever takes it.
const tour = () => import("./tour.js");
document.addEventListener("click", (event) => {
  const node = event.target.closest("[data-tour], [data-tour-no]");
  if (!node || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tour().then(({ answer: take }) => take(node, words.tour), () => {});
});
if (new URLSearchParams(location.search).has("tour")) tour().then(({ begin }) => begin(words.tour), () => {});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  line.open();
  refetch();
});

// A sign-in that ran out answers with the sign-in page: that is no fragment.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx?.response?.raw?.redirected && !event.detail.ctx.response.raw.url.includes("/sessions/")) {
    event.preventDefault();
    location.reload();
  }
});

// A fragment that the server pushed never takes the focus; one whose button went away gives it back.
let focused = null;
let fallback = main;
document.addEventListener("htmx:before:swap", () => {
  focused = document.activeElement;
  fallback = focused?.closest("#suggest") ?? main;
});
document.addEventListener("htmx:after:swap", () => {
  if (focused && focused !== document.body && !focused.isConnected && document.activeElement === document.body) {
    fallback.focus({ preventScroll: true });
  }
  drawn();
});
document.body.addEventListener("ec-drawn", drawn);

function drawn() {
  // The change stands beside the score and its parts on the cards: it follows the cards, so that
  // what is shown adds up at every moment.
  const cards = document.getElementById("signals").dataset;
  setText(document.querySelector("#score [data-change]"), cards.changeShown);
  setText(document.querySelector("#score [data-over]"), cards.overShown);
  const critical = document.querySelector("#headline .chip.low[data-critical]");
  showTitle();
  if (critical) alarm(`${critical.textContent.trim()}. ${document.getElementById("headline-text").textContent}`);
}

chart.onRead = answer;
// Without the script of the dialog, or with Ctrl, such a link leads to a page.
function openSheet(link) {
  import("./sheet.js").then((sheet) => sheet.openSheet(link), () => location.assign(link.href));
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openSheet(link);
});
listenCard(fresh);
listenFragments(holds);
listenKeys({
  ...cardKeys,
  1: () => choose(5),
  2: () => choose(15),
  3: () => choose(60),
  p: () => fresh.isLive && setPaused(!paused),
  s: () => answer(room.score === null ? words.noScore : words.ask.replace("{score}", room.score)
    .replace("{state}", words.states[room.state]).replace("{change}", signed(room.change) ?? "")
    .replace("{over}", document.getElementById("signals").dataset.overShown)),
  "?": () => openSheet(document.querySelector('a[data-sheet][href$="/keys/"]')),
});
document.getElementById("pause")?.removeAttribute("hidden");
load().then(() => fresh.show());
line.open();
each(() => chart.setOld(fresh.show()));
start();
setInterval(() => {
  tell("ec-slow");
  // Frames carry whole scores: now and then the exact ones take their place.
  if (fresh.isStale && line.isOpen) refetch();
  else if (!paused && !document.hidden && line.isOpen) load();
}, SLOW_MS);
