// A line that asks by HTTP where something on the way lets no socket through: questions that the server
// holds until there is something to tell (engagement/doors/http/long_polling.py).

import { ANSWER_MS, Line } from "./socket-connection.js";
import { request } from "./request.js";

const HOLD_S = 12;
const HOLDS_MS = 2000;
const SOCKET_AGAIN_MS = 60000;
const SOCKET_AGAIN_MOST_MS = 600000;

export class AskingLine extends Line {
  // `asks`: { url(), token() }; the rest as of a Line.
  constructor({ asks, ...rest }) {
    super(rest);
    this.asks = asks;
    this.again = SOCKET_AGAIN_MS;
    this.hold = HOLD_S;
    this.after = "";
    this.asking = null;
  }

  up(way) {
    if (way === "socket") {
      this.stopAsking();
      this.again = SOCKET_AGAIN_MS;
    }
    super.up(way);
  }

  stop() {
    this.stopAsking();
    super.stop();
  }

  // A socket that was only tried, one that never carried a word, or one that did.
  silent(way) {
    if (way === "http") {
      this.way = way;
      this.againLater();
    } else if (way === "") this.question();
    else this.rest(0);
  }

  rest(seconds) {
    this.stopAsking();
    this.hold = HOLD_S;
    super.rest(seconds);
  }

  wake() {
    if (this.way === "http") this.question();
    if (this.way === "http" || !this.asking) super.wake();
  }

  stopAsking() {
    const { asking } = this;
    this.asking = null;
    asking?.abort();
  }

  async question() {
    this.stopAsking();
    const limit = this.asking = new AbortController();
    while (this.asking === limit) {
      const asked = performance.now();
      const query = new URLSearchParams({ after: this.after, hold: this.hold });
      const { status, body, wait } = await request(`${this.asks.url()}&${query}`, { token: this.asks.token(), ms: this.hold * 1000 + ANSWER_MS, limit });
      if (this.asking !== limit) return;
      if (status === 200) await this.answered(body);
      else if (!body.error && this.hold && performance.now() - asked > HOLDS_MS) this.hold = 0; // Somebody on the way does not wait.
      else this.unanswered(body.error, wait);
    }
  }

  async answered({ next, frames, wait }) {
    this.after = next;
    if (this.way !== "http") {
      this.up("http");
      this.againLater();
    }
    for (const said of frames) this.hear(said);
    if (wait) await new Promise((done) => { setTimeout(done, wait * 1000); });
  }

  unanswered(error, wait) {
    if (error) this.tells.heard({ error });
    // Renewing a token begins anew by itself.
    if (this.asking && !this.over) this.rest(wait);
  }

  // A socket is tried now and then: it is the better line.
  againLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.again);
    this.again = Math.min(this.again * 2, SOCKET_AGAIN_MOST_MS);
  }
}
