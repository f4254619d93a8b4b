// The service worker. It keeps one page for when there is no connection, and shows what is pushed. Live
// data is never kept: every page and number comes from the server or not at all. `SHELL` and `WORDS` are
// set by the view that serves this file.

const KEPT = "shell";
const [OFFLINE] = SHELL;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL.map((url) => new Request(url, { cache: "reload" })))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

// What an earlier worker kept and this one does not name.
async function forget() {
  const cache = await caches.open(KEPT);
  for (const request of await cache.keys()) {
    if (!SHELL.includes(new URL(request.url).pathname)) await cache.delete(request);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  else if (SHELL.includes(pathname)) event.respondWith(fetch(request).catch(() => kept(pathname)));
});

async function kept(path) {
  return (await (await caches.open(KEPT)).match(path)) ?? Response.error();
}

// --- what is pushed: one notification per suggestion, told apart by its tag

self.addEventListener("push", (event) => {
  const said = event.data?.json();
  if (said) event.waitUntil(said.type === "over" ? over(said) : show(said));
});

async function show({ title, body, tag, url, token, type }) {
  if (type === "ask") await self.navigator.setAppBadge?.(1).catch(() => {});
  const actions = type === "ask" ? [{ action: "approve", title: WORDS.approve }, { action: "open", title: WORDS.open }] : [];
  await self.registration.showNotification(title, {
    body, tag, actions, icon: WORDS.icon, badge: WORDS.badge, renotify: type === "ask",
    requireInteraction: type === "ask", data: { url, token },
  });
}

// A notification that nobody answered says what became of it; where it is gone already, nothing is shown.
async function over({ title, body, tag, url }) {
  await self.navigator.clearAppBadge?.().catch(() => {});
  const shown = await self.registration.getNotifications({ tag });
  if (shown.length) await tell(title, body, tag, url);
}

function tell(title, body, tag, url) {
  return self.registration.showNotification(title, { body, tag, icon: WORDS.icon, badge: WORDS.badge, silent: true, data: { url } });
}

self.addEventListener("notificationclick", (event) => {
  const { title, tag, data } = event.notification;
  event.notification.close();
  event.waitUntil(event.action === "approve" && data.token ? approve(title, tag, data) : open(data.url));
});

async function approve(title, tag, { url, token }) {
  let said = WORDS.failed;
  try {
    const response = await fetch(WORDS.approvePath, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
      credentials: "omit",
    });
    const body = await response.json();
    said = response.ok ? body.message : body.error.message;
    await self.navigator.clearAppBadge?.().catch(() => {});
  } catch {
    // Said below: nothing was sent by this click, and the page knows how it stands.
  }
  await tell(title, said, tag, url);
}

async function open(url) {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((each) => new URL(each.url).pathname === url);
  return page ? page.focus() : self.clients.openWindow(url);
}
