// What people say to each other. Lines come once a second at most, in frames that say which are new and
// which are gone; the list is changed once for each, stays where one reads, and holds a hundred lines.

import { fill } from "../shared/fill-text.js";

const MOST = 100;
const PACE_MS = 1000;
const AGES_MS = 30000;
const LOOK_MS = 2500;
const LOOKS_MOST = 4;
const NEAR = 48;
const BUSY = 15;

function el(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

// `list`: the lines; `log`: the region around them; `hint`: what becomes of what one writes; `newer`: the
// button that leads to what came meanwhile; `mode`: who sees it; `heard`: false for who opted out.
export function makeChat({ list, log, hint, newer, ask, words, say, mode, heard }) {
  const lines = new Map(); // by id, or by a symbol of our own until it has one
  let me = null;
  let early = [];
  let news = false;
  let timer = 0;
  let freeAt = 0;
  let following = true;
  let unseen = 0;
  let lookTimer = 0;
  let looks = 0;
  let spoke = false;
  let recent = [];

  // --- lines

  function before(a, b) {
    return a.at - b.at || a.n - b.n;
  }

  let count = 0;
  function line(key, { text, at, age = 0, mine = false, name = "", state = "shown" }) {
    const made = { key, text, at, mine, state, n: typeof key === "number" ? key : (count += 1), saidAt: performance.now() - age * 1000, node: el("li", mine ? "me" : "them") };
    made.note = el("small");
    if (mine) made.node.append(el("span", "vh", `${words.you}: `), Object.assign(el("bdi"), { textContent: text }), made.note);
    else {
      made.when = el("span");
      made.note.append(Object.assign(el("span", "who", name || words.guest), { dir: "auto" }), " ", made.when);
      made.node.append(made.note, Object.assign(el("bdi"), { textContent: text }));
    }
    lines.set(key, made);
    return made;
  }

  function drop(each) {
    lines.delete(each.key);
    each.node.remove();
  }

  // One's own line that waits for the word of the server, now known by its number.
  function named(id, text) {
    for (const each of lines.values()) {
      if (!each.mine || typeof each.key === "number" || each.text !== text || each.isNote) continue;
      lines.delete(each.key);
      each.key = each.n = id;
      lines.set(id, each);
      return each;
    }
    return null;
  }

  function take(said, state = "shown") {
    const mine = said.by === undefined || said.by === me;
    const known = lines.get(said.id) ?? (mine ? named(said.id, said.text) : null);
    const each = known ?? line(said.id, { ...said, mine, state });
    const moved = each.state !== state || each.at !== said.at;
    Object.assign(each, { at: said.at, state });
    if (mine) mark(each, state === "waiting" ? words.held : state === "hidden" ? words.hiddenNote : "");
    if (!known && !mine) {
      unseen += 1;
      recent.push(performance.now());
    }
    news ||= !known || moved;
  }

  function mark(each, text) {
    each.isMarked = text !== "";
    if (!each.isMarked) aged(each);
    else if (each.note.textContent !== text) {
      each.note.textContent = text;
      if (text === words.held) say(text);
    }
  }

  function aged(each) {
    const minutes = Math.floor((performance.now() - each.saidAt) / 60000);
    const text = minutes < 1 ? words.now : minutes < 60 ? fill(words.minutes, { n: minutes }) : fill(words.hours, { n: Math.floor(minutes / 60) });
    const node = each.when ?? each.note;
    if (node.textContent !== text) node.textContent = text;
  }

  // --- frames

  function hear(frame) {
    if (me === null) early.push(frame);
    else {
      if (frame.name === "all") whole(frame);
      else changed(frame);
      if (news) soon();
    }
  }

  function changed({ lines: said, left_out: leftOut, gone }) {
    for (const id of gone) {
      const each = lines.get(id);
      if (each?.mine) {
        each.state = "hidden";
        mark(each, words.hiddenNote);
      } else if (each) drop(each);
    }
    for (const each of said) take(each);
    if (!leftOut) return;
    unseen += leftOut;
    const more = line(Symbol(), { text: fill(leftOut === 1 ? words.leftOut1 : words.leftOut, { n: leftOut }), at: said[0].at - .5 });
    more.node.className = "more";
    more.node.replaceChildren(more.text);
    more.isNote = true;
    news = true;
  }

  // All that is shown now: what is not among it was taken away while we did not listen.
  function whole({ mode: now, lines: said }) {
    setMode(now);
    const ids = new Set(said.map(({ id }) => id));
    const last = said.at(-1)?.at ?? Infinity;
    for (const each of [...lines.values()]) {
      const isTold = typeof each.key === "number" && each.state === "shown";
      if (isTold && !ids.has(each.key) && (each.at <= last || now === "closed")) drop(each);
    }
    for (const each of said) take(each);
    unseen = following ? 0 : unseen;
    news = true;
  }

  // Who wrote before is told again when something else holds.
  function setMode(now) {
    mode = now;
    const text = heard ? words.hints[mode] : words.hints.out;
    if (hint.textContent === text) return;
    hint.textContent = text;
    hint.hidden = false;
    if (spoke) say(text);
  }

  // What is mine, also what others do not see.
  async function look() {
    lookTimer = 0;
    looks += 1;
    const { status, body } = await ask("chat/");
    if (status === 200) {
      me = body.by;
      setMode(body.mode);
      // What is older than the list stays away.
      const oldest = Math.min(...[...lines.values()].map(({ at }) => at));
      for (const each of body.lines) {
        const isOld = each.state === "shown" && !(each.at >= oldest) && !lines.has(each.id);
        if (!isOld || named(each.id, each.text)) take({ ...each, by: undefined }, each.state);
      }
    } else me ??= "";
    const frames = early;
    early = [];
    frames.forEach(hear);
    if (news) soon();
    if (isOpen() && unresolved() && looks < LOOKS_MOST) lookSoon(LOOK_MS * looks);
  }

  const isOpen = () => mode !== "closed" && heard;
  const unresolved = () => [...lines.values()].some((each) => each.sent && typeof each.key !== "number");

  function lookSoon(ms) {
    if (!lookTimer) lookTimer = setTimeout(look, ms);
  }

  // --- the list, changed once a second

  function soon() {
    if (timer) return;
    timer = setTimeout(draw, Math.max(0, freeAt - performance.now()));
  }

  function draw() {
    timer = 0;
    freeAt = performance.now() + PACE_MS;
    news = false;
    const all = [...lines.values()].sort(before);
    for (const each of all.splice(0, Math.max(0, all.length - MOST))) drop(each);
    recent = recent.filter((at) => at > performance.now() - AGES_MS);
    log.setAttribute("aria-live", recent.length > BUSY ? "off" : "polite");
    const held = following ? null : anchor();
    all.forEach((each, n) => {
      if (list.children[n] !== each.node) list.insertBefore(each.node, list.children[n] ?? null);
      if (!each.isMarked && !each.isNote && each.state === "shown") aged(each);
    });
    if (following) toEnd();
    else if (held?.node.isConnected) scroller().scrollTop += held.node.getBoundingClientRect().top - held.top;
    showNewer();
  }

  // The line one reads, and where it stands.
  function anchor() {
    const top = Math.max(0, scroller().getBoundingClientRect().top);
    for (const node of list.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { node, top: box.top };
    }
    return null;
  }

  function scroller() {
    for (let each = list; each && each !== document.body; each = each.parentElement) {
      if (each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
    }
    return document.scrollingElement;
  }

  function toEnd() {
    const box = scroller();
    box.scrollTop = box.scrollHeight;
    unseen = 0;
    following = true;
  }

  function scrolled() {
    const box = scroller();
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (following) unseen = 0;
    showNewer();
  }

  function showNewer() {
    newer.hidden = following || !unseen;
    const text = fill(words.newer, { n: unseen });
    if (!newer.hidden && newer.textContent !== text) newer.textContent = text;
  }

  // --- what one writes oneself: it stands there at once

  function write(text, { isNote = false, label = "" } = {}) {
    const last = Math.max(0, ...[...lines.values()].map(({ at }) => at).filter(Number.isFinite));
    const each = line(Symbol(), { text, at: isNote || !isOpen() ? last + .25 : Infinity, mine: true, state: "own" });
    each.isNote = isNote || !isOpen();
    each.isMarked = true;
    each.note.textContent = words.sending;
    if (label) each.node.prepend(`${label}: `);
    spoke = hint.hidden = true;
    following = true;
    draw();
    return each;
  }

  // What the line to the room says of it: sent, or not.
  function status(each, text, name) {
    if (each.state !== "own") return;
    each.node.className = `me ${name}`;
    each.note.textContent = text === words.sent && !heard ? words.notKept : text;
    each.sent = text === words.sent && !each.isNote;
    if (!each.sent) return;
    looks = 0;
    lookSoon(LOOK_MS);
  }

  // What became of a note, in the server's words.
  function note(each, text) {
    if (each.note.textContent === text) return;
    each.note.textContent = text;
    say(text);
  }

  // After a lost connection: what became of my own meanwhile.
  function up() {
    const waits = [...lines.values()].some(({ mine, state }) => mine && state === "waiting");
    if (!me || waits) lookSoon(Math.random() * 2000);
  }

  newer.addEventListener("click", () => {
    toEnd();
    showNewer();
    list.focus({ preventScroll: true });
  });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  new ResizeObserver(() => { if (following) toEnd(); }).observe(log.parentElement);
  setInterval(() => {
    for (const each of lines.values()) if (!each.isMarked && !each.isNote) aged(each);
  }, AGES_MS);
  look();
  return { hear, write, status, note, up };
}
