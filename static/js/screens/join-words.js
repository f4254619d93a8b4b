// The words that joiners type, wherever they are shown: asked for again before the screen's are old.

const box = document.querySelector("[data-word-url]");
const shown = box?.querySelector("b");
const MOST_MS = 10000;

async function look() {
  let next = MOST_MS;
  try {
    const { word, seconds_left: left } = await (await fetch(box.dataset.wordUrl, { cache: "no-store" })).json();
    if (box.hidden !== !word) box.hidden = !word;
    if (shown.textContent !== word) shown.textContent = word;
    next = Math.min(MOST_MS, left * 1000 + 200);
  } catch {
    // The old ones open for another turn; the line of the page says that it is away.
  }
  setTimeout(look, next);
}

if (box) setTimeout(look, 1000);
