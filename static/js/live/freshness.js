// How fresh the numbers are. A tick closes every 5 s and is here within about a second: at most 7 s
// are normal, 12 s mean that two are missing, and then the page stops claiming to be live.

export const STALE_MS = 12000;

const main = document.getElementById("main");
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

export class Freshness {
  constructor() {
    this.offset = 0;
    this.newest = 0;
    this.line = "connecting";
    this.retryAt = 0;
    this.lostAt = 0;
    this.paused = false;
    this.isLive = main.dataset.sessionStatus === "live";
    this.started = Number(main.dataset.started || 0) * 1000;
    const zone = main.dataset.zone;
    this.clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
  }

  // The server's clock counts: ours may be hours off.
  now() {
    return Date.now() + this.offset;
  }

  heardAt(serverNow) {
    this.offset = serverNow - Date.now();
  }

  tick(t) {
    this.newest = Math.max(this.newest, t);
    this.offset = Math.max(this.offset, t - Date.now());
  }

  get age() {
    return this.newest ? Math.max(0, this.now() - this.newest) : 0;
  }

  get isStale() {
    return this.isLive && this.newest > 0 && this.age > STALE_MS;
  }

  get isLost() {
    return this.line === "lost" || this.line === "cut";
  }

  show() {
    if (main.dataset.line !== this.line) main.dataset.line = this.line;
    const stale = this.isStale || (this.isLost && this.isLive);
    const state = stale ? "stale" : this.isLive ? "live" : "none";
    if (main.dataset.freshness !== state) main.dataset.freshness = state;
    put("[data-status-word]", this.word());
    put("[data-age]", this.isLive && this.newest ? `· ${this.ageText()}` : "");
    put("[data-running]", this.isLive ? running(this.now() - this.started) : "");
    for (const dot of document.querySelectorAll("[data-beat]")) dot.classList.toggle("off", stale);
    this.showLost();
    return stale;
  }

  word() {
    if (this.paused) return words.pausedWord;
    if (this.isLost) return this.line === "cut" ? words.behind : words.reconnecting;
    if (this.isStale) return words.behind;
    if (!this.isLive) return document.querySelector("[data-status-word]")?.textContent ?? "";
    return words.live;
  }

  ageText() {
    const seconds = Math.round(this.age / 1000);
    if (seconds < 2) return words.justNow;
    return words.updated.replace("{age}", seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);
  }

  lostText() {
    const seconds = Math.ceil((this.retryAt - Date.now()) / 1000);
    return (seconds > 0 ? words.lost : words.lostNow)
      .replace("{time}", this.clock.format(this.lostAt)).replace("{seconds}", String(seconds));
  }

  showLost() {
    const banner = document.getElementById("lost");
    if (!banner) return;
    if (banner.hidden === this.isLost) banner.hidden = !this.isLost;
    if (!this.isLost) return;
    setText(banner.querySelector("[data-text]"), this.line === "cut" ? words.cut : this.lostText());
  }
}

// Whether a node takes part in the page as it is laid out now.
export const isLaidOut = (node) => Boolean(node?.getClientRects().length);

// Only what changed is touched, and only the text.
export function setText(node, value) {
  if (!node || node.textContent === value) return;
  const only = node.childNodes.length === 1 && node.firstChild;
  if (only?.nodeType === Node.TEXT_NODE) only.data = value;
  else node.textContent = value;
}

function put(where, value) {
  for (const node of document.querySelectorAll(where)) setText(node, value);
}

function running(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// One beat of the dot for each tick received: when data stops, it stops.
export function beat() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const dot of document.querySelectorAll("[data-beat]")) {
    // What moves unseen would be styled sixty times a second.
    if (isLaidOut(dot)) dot.animate({ transform: ["scale(1)", "scale(2.8)"], opacity: [0.5, 0] },
      { duration: 1200, easing: "cubic-bezier(.2, .7, .2, 1)", pseudoElement: "::after" });
  }
}
