// What the speaker sees: the newest cue, large and quiet, and how it is for people.

import { fill } from "../shared/fill-text.js";
import { listen } from "./connection.js";
import { whose } from "../shared/text-source.js";

const FADE_MS = 300000;
const PULSES_MS = 10000;
const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const { pulses } = document.querySelector("main").dataset;
let at = 0;
let shown = null;

function cue(frame) {
  if (frame.surface !== "cue" || frame.id === shown) return;
  shown = frame.id;
  at = performance.now();
  $("cue-text").textContent = frame.text;
  $("cue-from").textContent = whose(frame, words);
  $("cue").className = "fresh";
  age();
}

function age() {
  if (shown === null) return;
  const old = performance.now() - at;
  const minutes = Math.floor(old / 60000);
  $("cue-age").textContent = minutes ? fill(words.minutes, { minutes }) : words.now;
  if (old > FADE_MS) $("cue").className = "old";
}

async function feel() {
  try {
    const felt = await (await fetch(pulses, { cache: "no-store" })).json();
    for (const [word, people] of Object.entries(felt)) $(`pulse-${word}`).textContent = people;
  } catch {
    // The next look shows it.
  }
}

listen(document.body.dataset.token, {
  frame: (frame) => { if (frame.type === "interaction") cue(frame); },
  up: () => { $("lost").textContent = ""; },
  lost: () => { $("lost").textContent = words.lost; },
  ended: () => { $("lost").textContent = words.ended; },
});
setInterval(age, 10000);
setInterval(feel, PULSES_MS);
feel();
