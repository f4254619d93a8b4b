// The app on a phone: its worker, and the badge while a suggestion waits.

const ASKS = ["ready", "countdown", "being_edited"];
let shown = null;

function badge() {
  const card = document.getElementById("suggest");
  if (!card || !navigator.setAppBadge) return;
  const asks = ASKS.includes(card.dataset.face);
  if (asks === shown) return;
  shown = asks;
  // Browsers refuse it where the page is no app: then there is nothing to mark.
  (asks ? navigator.setAppBadge(1) : navigator.clearAppBadge()).catch(() => {});
}

document.addEventListener("htmx:after:swap", badge);
badge();
navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => {});

// Who signs out is told nothing more on this device; the server learns it from the push service.
document.querySelector("[data-leave]")?.addEventListener("submit", () => {
  navigator.serviceWorker?.getRegistration().then((it) => it?.pushManager?.getSubscription()).then((phone) => phone?.unsubscribe()).catch(() => {});
});
