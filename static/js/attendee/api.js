// Asking the server as this person. `pass.token` says who it is, and may be renewed while the page lives.

import { request } from "../shared/request.js";
import { spread } from "../shared/time-limit.js";

const MOST_TRIES = 4;

// A server that is full (503) is asked again when it says, `tries` times in all; then its answer stands.
export function makeApi({ session, pass }) {
  return async function ask(path, body, tries = MOST_TRIES) {
    const answer = await request(`/api/v1/attend/${session}/${path}`, { token: pass.token, body });
    if (answer.status !== 503 || !answer.wait || tries <= 1) return answer;
    await new Promise((done) => setTimeout(done, spread(answer.wait)));
    return ask(path, body, tries - 1);
  };
}
