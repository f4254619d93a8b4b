// Links marked data-sheet open in a dialog over the page; loaded by whoever opens the first.

const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");

export async function openSheet(link) {
  let html;
  try {
    const response = await fetch(link.href, { headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    html = await response.text();
  } catch {
    location.assign(link.href);
    return;
  }
  const menu = link.closest("details.menu");
  if (menu) {
    // The dialog gives the focus back to where it came from, which must still be visible then.
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  body.innerHTML = html;
  sheet.setAttribute("aria-label", body.querySelector("h2")?.textContent ?? "");
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
  sheet.dispatchEvent(new CustomEvent("ec-sheet"));
}

document.addEventListener("click", ({ target }) => {
  if (target === sheet || target.closest("[data-close]")) sheet.close();
});
