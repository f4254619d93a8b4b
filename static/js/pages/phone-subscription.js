// Three steps to be told of suggestions on this device. Nothing is asked of the browser before a click.

const card = document.getElementById("phone-card");
const button = (name) => card.querySelector(`[data-${name}]`);
const can = "PushManager" in window && "Notification" in window && navigator.serviceWorker;
let offer = null;
let phone = null;

const say = (name) => { document.getElementById("phone-said").textContent = name ? card.dataset[name] : ""; };

function post(path, body) {
  return fetch(`/phone/${path}/`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": card.querySelector("[name=csrfmiddlewaretoken]").value },
    body: JSON.stringify(body),
  });
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

async function allow() {
  if ((await Notification.requestPermission()) !== "granted") {
    say("blocked");
    return;
  }
  const { pushManager } = await navigator.serviceWorker.ready;
  // One of another key is of an earlier server: it would be refused.
  await (await pushManager.getSubscription())?.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(card.dataset.key) });
  const { endpoint, keys } = made.toJSON();
  const answer = await post("subscribe", { endpoint, keys });
  if (!answer.ok) throw new Error(answer.status);
  phone = made;
  show();
  say("on");
}

async function stop() {
  const { endpoint } = phone;
  await phone.unsubscribe();
  phone = null;
  show();
  say("off");
  await post("unsubscribe", { endpoint });
}

async function tryIt() {
  if (!phone) return;
  const answer = await post("try", { endpoint: phone.endpoint });
  say(answer.ok ? "tried" : "failed");
}

function show() {
  button("allow").hidden = phone !== null;
  button("stop").hidden = phone === null;
  button("try").setAttribute("aria-disabled", String(phone === null));
}

for (const [name, does] of [["allow", allow], ["stop", stop], ["try", tryIt]]) {
  button(name).addEventListener("click", () => {
    if (!can) say("lacking");
    else does().catch(() => say("failed"));
  });
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  button("install").hidden = false;
});
button("install").addEventListener("click", async () => {
  await offer.prompt();
  button("install").hidden = true;
});

if (can) {
  phone = await navigator.serviceWorker.getRegistration().then((it) => it?.pushManager.getSubscription()).catch(() => null) ?? null;
  show();
  if (Notification.permission === "denied") say("blocked");
  // On a list it is only offered, on phones, to whoever has not decided.
  else if ("offered" in card.dataset) card.hidden = phone !== null || Notification.permission !== "default" || !matchMedia("(max-width: 720px)").matches;
} else if (!("offered" in card.dataset)) say("lacking");
