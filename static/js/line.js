// The page's one socket: opens, reconnects with growing pauses, notices a dead line. While it is
// away the page asks by HTTP instead.

const FIRST_MS = 500;
const MOST_MS = 15000;
const DEAD_MS = 45000; // The server says something every 20 s at least.

export class Line {
  constructor(path, { heard, opened, closed, refused }) {
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    Object.assign(this, { heard, opened, closed, refused });
    this.wait = FIRST_MS;
    this.timer = 0;
    this.socket = null;
    setInterval(() => this.check(), 5000);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    const socket = this.socket = new WebSocket(this.url);
    socket.addEventListener("open", () => {
      this.lastHeard = performance.now();
      this.opened();
    });
    socket.addEventListener("message", (event) => {
      this.lastHeard = performance.now();
      this.wait = FIRST_MS;
      this.heard(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket) this.lost(event.code);
    });
  }

  lost(code) {
    this.socket = null;
    if (code >= 4400 && code < 4405) {
      this.refused(code);
      return;
    }
    const pause = this.wait * (0.7 + 0.6 * Math.random());
    this.wait = Math.min(this.wait * 2, MOST_MS);
    this.timer = setTimeout(() => this.open(), pause);
    this.closed(Date.now() + pause);
  }

  check() {
    if (!this.isOpen || performance.now() - this.lastHeard < DEAD_MS) return;
    const dead = this.socket;
    this.socket = null;
    dead.close();
    this.lost(0);
  }
}
