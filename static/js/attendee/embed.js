// The attendee page in a frame of another site: it joins by script, keeps its token in the tab, and
// tells the site around it, if that is one of the allowed ones, how high it is.

import { place } from "../shared/kept-storage.js";
import { request } from "../shared/request.js";
import { spread } from "../shared/time-limit.js";

const $ = (id) => document.getElementById(id);
const { session, pass, origins } = document.body.dataset;
// What the organizer's link carries gets in without the words on the screen.
const ticket = new URLSearchParams(location.search).get("in") ?? "";
const WORD_CODES = { word_needed: "needed", word_wrong: "wrong" };
if (ticket) $("asked-word").hidden = true;
const storage = place(`pass-${session}`, { inTab: true });
let token = storage.read() ?? "";

function keep(value) {
  token = value;
  storage.write(value || null);
}

const ask = (body) => request(pass, { token, body });

function showDoor() {
  $("door").hidden = false;
  $("join").addEventListener("submit", join);
  // Who pressed Join at the other door, in a browser without cookies, has said it already.
  const said = new URLSearchParams(location.hash.slice(1));
  if (!said.has("name")) return;
  history.replaceState(null, "", location.pathname);
  $("id_name").value = said.get("name");
  $("id_opts_out").checked = said.get("out") !== "";
  $("join").querySelector("button").click();
}

async function join(event) {
  event.preventDefault();
  const button = $("join").querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  $("join-problem").hidden = true;
  const { status, body, wait } = await ask({
    name: $("id_name").value,
    counts: !$("id_opts_out").checked,
    word: $("word").value,
    ticket,
  });
  const asked = WORD_CODES[body.error?.code];
  $("word-error").hidden = !asked;
  if (asked) {
    $("asked-word").hidden = false;
    $("word-error").textContent = $("word-error").dataset[asked];
    button.disabled = false;
    $("word").focus();
    return;
  }
  const waits = $("join-waits");
  waits.hidden = status !== 429 || !wait;
  if (!waits.hidden) {
    // Her turn comes: what she typed is taken as it is then.
    waits.textContent = waits.dataset.words.replace("{n}", wait);
    setTimeout(() => {
      button.disabled = false;
      button.click();
    }, spread(wait));
    return;
  }
  button.disabled = false;
  if (body.error?.code === "room_locked") {
    waits.textContent = waits.dataset.locked;
    waits.hidden = false;
    return;
  }
  if (status === 200) {
    keep(body.token);
    enter(body);
  } else $("join-problem").hidden = false;
}

function enter({ counts = true, name = "" }) {
  $("door").remove();
  document.body.append($("inside").content);
  document.body.classList.add("in-room");
  Object.assign($("room").dataset, { token, heard: counts });
  $("own-name").value = name;
  changes($("named"), () => ({ name: $("own-name").value }));
  const form = $("heard");
  for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== String(counts);
  changes(form, (event) => ({ counts: event.submitter.value === "yes" }));
  // No cookie goes with it: the token says whose data it is.
  $("kept").addEventListener("submit", () => { $("kept").elements.token.value = $("room").dataset.token; });
  import("./room.js");
}

// What somebody changes of herself: the page begins anew with it.
function changes(form, wish) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { status, body } = await ask(wish(event));
    if (status !== 200) {
      $("problem").textContent = body.error?.message ?? "";
      return;
    }
    keep(body.token);
    location.reload();
  });
}

async function begin() {
  if (!token) {
    showDoor();
    return;
  }
  const { status, body } = await ask();
  if (status === 401) {
    keep("");
    showDoor();
  } else {
    if (status === 200) keep(body.token);
    enter(body);
  }
}

// --- the height, told to whoever is around us, if it is allowed to be

function around() {
  // eslint-disable-next-line compat/compat -- where it is missing, the referrer says it
  const origin = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  return origins.split(" ").includes(origin) ? origin : "";
}

if (window.parent !== window && around()) {
  const where = around();
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    window.parent.postMessage({ type: "conductor-height", height }, where);
  }).observe(document.body);
}

begin();
