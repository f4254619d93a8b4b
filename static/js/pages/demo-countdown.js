// The seconds that a demo still runs, between two words of the server.

const node = document.querySelector("[data-demo-left]");
const words = node?.textContent ?? "";
const until = performance.now() + Number(node?.dataset.demoLeft) * 1000;

function show() {
  const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const text = words.replace(/\d+/, String(left));
  if (node.textContent !== text) node.textContent = text;
  if (left) setTimeout(show, 250);
}

if (node) show();
