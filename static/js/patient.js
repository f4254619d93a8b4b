// A form that is sent again by itself when very many people send theirs at the same moment (503).
// What was typed stays; without this script the browser sends it as ever.

const MOST_TRIES = 30;

async function send(form, tries) {
  let answer = null;
  try {
    answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual",
    });
  } catch {
    // No connection: asked again like a server that is busy.
  }
  if (answer && answer.status !== 503) {
    // In; or there is something to read: the browser gets it by the form itself.
    if (answer.type === "opaqueredirect") location.assign(form.action);
    else form.submit();
    return;
  }
  form.querySelector("[data-patience]").textContent = form.dataset.patient;
  if (tries >= MOST_TRIES) {
    form.submit();
    return;
  }
  const seconds = Number(answer?.headers.get("Retry-After")) || 2;
  setTimeout(send, 1000 * seconds * (1 + Math.random() / 2), form, tries + 1);
}

// Without cookies the way in is another one, and the browser has to go it.
for (const form of document.cookie ? document.querySelectorAll("form[data-patient]") : []) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    send(form, 1);
  });
}
