// Asking the server as this person. `pass.token` says who it is, and may be renewed while the page lives.

import { request } from "./request.js";

export function makeApi({ session, pass }) {
  return (path, body) => request(`/api/v1/attend/${session}/${path}`, { token: pass.token, body });
}
