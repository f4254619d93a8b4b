// What did not reach the server never looks done: a form that got no answer it could show says so.

const told = document.getElementById("unsent");
const FULL = 503;
const begun = new WeakSet();

function look({ detail: { ctx } }) {
  if (ctx?.request?.method !== "POST" || !begun.has(ctx)) return;
  const status = ctx.response?.status ?? 0;
  // What the server says of the form stands in the page then, be it good or bad.
  told.hidden = (status >= 200 && status < 400) || ctx.sourceElement.hasAttribute(`hx-status:${status}`);
  if (!told.hidden) told.querySelector("p").textContent = status === FULL ? told.dataset.full : told.dataset.lost;
}

// On the window: whoever stops a request does so on the document, before.
window.addEventListener("htmx:before:request", (event) => {
  if (!event.defaultPrevented) begun.add(event.detail.ctx);
});
// Of a form that went away with its card only the swap is heard, of one without an answer only the end.
document.addEventListener("htmx:after:swap", look);
document.addEventListener("htmx:finally:request", look);
told.querySelector("button").addEventListener("click", () => { told.hidden = true; });
