// The socket of a page: opens, comes back with growing pauses. Silence is noticed: after 12 s the page
// asks, and a line that does not answer is dead.

const FIRST_MS = 500;
const MOST_MS = 15000;
const OPEN_MS = 8000;
const QUIET_MS = 12000;
export const ANSWER_MS = 5000;
const LOOK_MS = 1000;

export class Line {
  // `socket()`: its address, without the host. `tells`: heard(frame), opened(), closed(retryAt),
  // refused(code).
  constructor({ socket, tells }) {
    Object.assign(this, { address: socket, tells });
    this.way = ""; // "socket" once something was heard over it; of an AskingLine, "http" as well
    this.wait = FIRST_MS;
    this.timer = 0;
    this.socket = null;
    this.over = false;
    setInterval(() => this.check(), LOOK_MS);
    const wake = () => { if (!document.hidden) this.wake(); };
    for (const name of ["online", "pageshow"]) window.addEventListener(name, wake);
    document.addEventListener("visibilitychange", wake);
  }

  get isOpen() {
    return this.way !== "";
  }

  open() {
    clearTimeout(this.timer);
    if (this.over || this.socket) return;
    this.since = performance.now();
    this.askedAt = 0;
    try {
      this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.address()}`);
    } catch {
      this.lost(0);
      return;
    }
    const { socket } = this;
    const ours = (does) => (event) => { if (this.socket === socket) does(event); };
    socket.addEventListener("open", ours(() => this.ask()));
    socket.addEventListener("message", ours(({ data }) => this.message(JSON.parse(data))));
    socket.addEventListener("close", ours(({ code }) => this.lost(code)));
  }

  // A socket that was opened but carries nothing is no line: the first word makes it one.
  message(said) {
    this.heardAt = performance.now();
    this.askedAt = 0;
    if (this.way !== "socket" && !said.error) this.up("socket");
    this.hear(said);
  }

  up(way) {
    this.wait = FIRST_MS;
    this.way = way;
    this.tells.opened();
  }

  hear(said) {
    for (const frame of [said].flat()) if (frame.pong === undefined && frame.ping === undefined) this.tells.heard(frame);
  }

  say(text) {
    this.socket.send(text);
  }

  stop() {
    this.over = true;
    clearTimeout(this.timer);
    this.drop();
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    this.way = "";
    socket?.close();
  }

  lost(code) {
    const { way } = this;
    this.drop();
    if (this.over) return;
    if (code >= 4400 && code < 4405) this.tells.refused(code);
    else this.silent(way);
  }

  silent() {
    this.rest(0);
  }

  // Nothing works: try again, later each time.
  rest(seconds) {
    this.way = "";
    const pause = Math.max(this.wait * (0.7 + 0.6 * Math.random()), seconds * 1000);
    this.wait = Math.min(this.wait * 2, MOST_MS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), pause);
    this.tells.closed(Date.now() + pause);
  }

  // --- is anybody there?

  ask() {
    this.askedAt = performance.now();
    this.say('{"ping":1}');
  }

  check() {
    if (!this.socket) return;
    const now = performance.now();
    if (this.socket.readyState !== WebSocket.OPEN) {
      if (now - this.since > OPEN_MS) this.lost(0);
    } else if (this.askedAt) {
      if (now - this.askedAt > ANSWER_MS) this.lost(0);
    } else if (now - this.heardAt > QUIET_MS) this.ask();
  }

  // Another network, a phone that slept: whatever stood before may be gone.
  wake() {
    if (this.socket?.readyState === WebSocket.OPEN) this.ask();
    else this.open();
  }
}
