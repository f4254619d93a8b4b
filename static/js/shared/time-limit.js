// A limit of our own, because AbortSignal.timeout is younger than the browsers that we promise
// (docs/browsers.md).

// What `work(signal)` resolves to, stopped after `ms`; `limit` may stop it before.
export async function within(ms, work, limit = new AbortController()) {
  const timer = setTimeout(() => limit.abort(), ms);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

// How long to wait (ms) before a server is asked again that asked for so many seconds: each page a
// little differently, what was refused together does not come back together.
export const spread = (seconds) => seconds * 1000 * (1 + Math.random() / 2);
