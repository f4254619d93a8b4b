// A form that came while we were full goes out again, once: by itself after a while, or when its button
// is pressed. Each page waits a little differently: what was refused together does not come back together.

const form = document.querySelector("form[data-seconds]");
const button = form.querySelector("button");
if (form.dataset.goesOn) document.querySelector("[role=status]").textContent = form.dataset.goesOn;

function sent() {
  clearTimeout(timer);
  // After the form was read: the answer may take a while, and a second click would be a second form.
  setTimeout(() => { button.disabled = true; });
}

const timer = setTimeout(() => {
  sent();
  form.submit();
}, 1000 * form.dataset.seconds * (1 + Math.random() / 2));
form.addEventListener("submit", sent);
// Shown again by "back": it waits for a click then.
window.addEventListener("pageshow", () => { button.disabled = false; });
