// Single keys, off while one types, holds a modifier or takes the tour, and for good by the switch in "?".

const OFF = "keys-off";
let off = false;
try {
  off = localStorage.getItem(OFF) === "1";
} catch {
  off = false;
}

function setOff(value) {
  off = value;
  try {
    if (value) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function typing(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.body.classList.contains("driver-active")) return;
    if (off && event.key !== "?") return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (action) {
      event.preventDefault();
      action();
    }
  });
  document.getElementById("sheet")?.addEventListener("ec-sheet", (event) => {
    const button = event.target.querySelector("[data-keys]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(!off));
    button.addEventListener("click", () => {
      setOff(!off);
      button.setAttribute("aria-pressed", String(!off));
    });
  });
}
