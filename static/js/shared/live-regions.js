// The page's two live regions. Nothing else writes to them; a sentence is said once, and quiet ones
// at least five seconds apart, the latest winning.

const APART_MS = 5000;
const polite = document.getElementById("say");
const urgent = document.getElementById("say-now");
let last = "";
let freeAt = 0;
let waiting = 0;

export function say(text) {
  if (!polite || text === last) return;
  clearTimeout(waiting);
  const now = performance.now();
  if (now < freeAt) {
    waiting = setTimeout(say, freeAt - now, text);
    return;
  }
  last = text;
  freeAt = now + APART_MS;
  polite.textContent = text;
}

// What the user asked for is said at once, and again when asked again.
export function answer(text) {
  if (!polite) return;
  polite.textContent = "";
  requestAnimationFrame(() => { polite.textContent = text; });
}

export function alarm(text) {
  if (urgent && urgent.textContent !== text) urgent.textContent = text;
}
