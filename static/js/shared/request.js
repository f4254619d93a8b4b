// Requests to our own server, as somebody in the room or a screen.

import { within } from "./time-limit.js";

const TIMEOUT_MS = 8000;

// Ask for JSON: { status, body, wait }; status 0 where nobody answered, `wait` the seconds it asks for.
// Who it is says the token, in a header: no cookie is sent or needed.
export async function request(url, { token, body, ms = TIMEOUT_MS, limit } = {}) {
  try {
    return await within(ms, async (signal) => {
      const response = await fetch(url, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal,
      });
      const wait = Number(response.headers.get("Retry-After")) || 0;
      return { status: response.status, body: await response.json(), wait };
    }, limit);
  } catch {
    return { status: 0, body: {}, wait: 0 };
  }
}
