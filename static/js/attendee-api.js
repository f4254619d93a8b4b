// Asking the server as this person: the token goes in a header, no cookie is needed.

const TIMEOUT_MS = 8000;

// Resolves to { status, body, wait }: status 0 where nobody answered, `wait` the seconds it asks for.
export function makeApi({ session, token }) {
  return async function ask(path, body) {
    try {
      const response = await fetch(`/api/v1/attend/${session}/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const wait = Number(response.headers.get("Retry-After")) || 0;
      return { status: response.status, body: await response.json(), wait };
    } catch {
      return { status: 0, body: {}, wait: 0 };
    }
  };
}
