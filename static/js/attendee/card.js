// The one interaction that is open: a sheet until it is answered, then a card with the results. It is
// built once and changed in place, takes no focus, and ends by the server's clock.

import { fill } from "../shared/fill-text.js";
import { lengths, percents } from "../shared/vote-shares.js";
import { whose } from "../shared/text-source.js";

const LATE_MS = 3000;
const takesVotes = ({ answer }) => answer === "option" || answer === "team";
const asks = ({ answer }) => answer === "text";
const hasTeams = ({ answer }) => answer === "team";

function el(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) Object.assign(made, { textContent: text, dir: "auto" });
  return made;
}

function readHidden() {
  try {
    return JSON.parse(sessionStorage.getItem("hidden")) ?? [];
  } catch {
    return [];
  }
}

// `tells`: { choose(id, option), answer(text, id): whether it was taken, fetch(id) }
export function makeCard({ root, words, say, tells }) {
  const gone = new Set(readHidden());
  let now = null;
  let parts = {};
  let timer = 0;

  function open(frame) {
    if (gone.has(frame.id)) return false;
    if (now?.id === frame.id) {
      setClock(frame.seconds_left);
      return false;
    }
    now = { mine: null, voted: false, isOpen: true, waiting: false, sent: false, ...frame };
    build();
    setClock(frame.seconds_left);
    say(`${words.kinds[frame.kind]}: ${frame.text}`);
    return true;
  }

  function tally(frame) {
    if (now?.id !== frame.id || !now.isOpen) return;
    Object.assign(now, { counts: frame.counts, people: frame.people, board: frame.board ?? now.board });
    update();
  }

  function closed(frame) {
    if (now?.id !== frame.id || (!now.isOpen && now.ended)) return;
    Object.assign(now, frame, { isOpen: false, ended: true, waiting: false });
    clearInterval(timer);
    update();
    say(`${words.closed}. ${verdict()}`);
  }

  // What the server says of this person's part in it.
  function sync(state) {
    if (now?.id !== state.id) return;
    const mine = now.waiting ? now.mine : state.mine;
    const ended = !state.is_open && (state.counts !== undefined || !takesVotes(state));
    Object.assign(now, { ...state, mine, voted: state.mine !== null, isOpen: state.is_open, ended });
    if (state.is_open) setClock(state.seconds_left);
    else clearInterval(timer);
    update();
  }

  function counted(id, answer) {
    if (now?.id !== id) return;
    Object.assign(now, { mine: answer.mine, counts: answer.counts, people: answer.people, voted: true, waiting: false, trouble: "" });
    update();
    say(hasTeams(now) ? words.joined : words.counted);
  }

  // The text that answers it is in the log, or was not taken.
  function answered(id, isTaken) {
    if (now?.id !== id) return;
    Object.assign(now, { waiting: false, sent: isTaken, trouble: isTaken ? "" : words.refused });
    update();
    if (isTaken) say(words.answerSent);
  }

  function waiting(id) {
    if (now?.id !== id) return;
    now.trouble = words.voteWaits;
    update();
  }

  function refused(id, code) {
    if (now?.id !== id) return;
    Object.assign(now, { waiting: false, mine: null, trouble: code === "poll_closed" ? words.tooLate : words.refused });
    update();
    say(now.trouble);
    tells.fetch(id);
  }

  // --- drawing

  function build() {
    parts = { options: [] };
    const top = el("div", "card-top");
    const close = el("button", "card-x");
    close.type = "button";
    close.setAttribute("aria-label", words.hide);
    close.addEventListener("click", hide);
    parts.clock = el("span", "card-clock");
    parts.clock.setAttribute("role", "timer");
    parts.label = el("span", "", words.kinds[now.kind]);
    top.append(parts.label, parts.clock, close);
    const title = el("h2", "", now.text);
    title.id = "card-title";
    const body = [top, title];
    if (now.quote) body.push(el("blockquote", "", now.quote));
    if (now.options.length) body.push(options());
    if (asks(now)) body.push(answerForm());
    parts.note = el("p", "card-note");
    body.push(el("p", "card-from", whose(now, words)), parts.note);
    root.replaceChildren(...body);
    root.hidden = false;
    update();
  }

  function options() {
    const list = el("ul", "opts");
    now.options.forEach((text, index) => {
      const button = el("button", "opt");
      button.type = "button";
      const bar = el("i");
      const share = el("b");
      button.append(bar, el("span", "", text), share);
      button.addEventListener("click", () => choose(index));
      const item = el("li");
      item.append(button);
      list.append(item);
      parts.options.push({ button, bar, share });
    });
    return list;
  }

  function answerForm() {
    const form = el("form", "card-answer");
    const label = el("label", "vh", words.yourAnswer);
    const text = el("textarea");
    Object.assign(text, { id: "card-text", rows: 1, maxLength: 500, placeholder: words.yourAnswer, enterKeyHint: "send" });
    label.htmlFor = text.id;
    const send = el("button", "btn pri", words.send);
    form.append(label, text, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = text.value.trim();
      if (!said) return;
      if (!tells.answer(said, now.id)) return;
      text.value = "";
      Object.assign(now, { sent: true, waiting: true, trouble: "" });
      update();
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send.click();
    });
    parts.form = form;
    return form;
  }

  function update() {
    const answered = now.mine !== null || !now.isOpen || now.sent;
    const isSheet = !answered && (takesVotes(now) || asks(now));
    root.classList.toggle("sheet", isSheet);
    arrange(isSheet);
    root.classList.toggle("closed", !now.isOpen);
    root.dataset.surface = now.surface;
    // A toggle without a plain yes or no turns around each time.
    const shown = now.counts !== undefined && Boolean(now.voted || now.ended);
    root.classList.toggle("results", shown);
    const bars = now.board ? lengths(now.board) : percents(now.counts ?? []);
    now.options.forEach((_, index) => updateOption(index, shown, bars[index] ?? 0));
    if (parts.form) parts.form.hidden = now.sent;
    const note = now.trouble || verdict();
    if (parts.note.textContent !== note) parts.note.textContent = note;
    parts.note.className = `card-note ${tone()}`;
    drawClock();
  }

  // What waits for an answer takes the place of what else one may do.
  function arrange(isSheet) {
    document.body.classList.toggle("asked", isSheet);
    document.body.classList.toggle("to-write", isSheet && asks(now));
  }

  function updateOption(index, shown, part) {
    const { button, bar, share } = parts.options[index];
    button.setAttribute("aria-pressed", String(now.mine === index));
    button.setAttribute("aria-disabled", String(!now.isOpen));
    const isBest = !now.isOpen && (now.correct === index || now.winner === index);
    button.classList.toggle("best", isBest);
    bar.style.setProperty("--share", shown ? `${part}%` : "0%");
    if (!shown) share.textContent = "";
    else if (now.board) share.textContent = fill(now.board[index] === 1 ? words.point1 : words.points, { points: now.board[index] ?? 0 });
    else share.textContent = `${part}\u202f%`;
  }

  function tone() {
    if (now.trouble) return "trouble";
    if (!now.isOpen) return now.mine !== null && now.mine === now.correct ? "thanks" : "";
    return (now.mine !== null || now.sent) && !now.waiting ? "thanks" : "";
  }

  function verdict() {
    if (now.sent) return now.waiting ? words.voting : words.answerSent;
    if (!takesVotes(now)) return now.surface === "countdown" && !now.isOpen ? words.breakOver : "";
    const people = now.people === undefined ? "" : howMany(now.people);
    if (now.isOpen) {
      if (now.waiting) return words.voting;
      if (now.mine === null) return "";
      return `${hasTeams(now) ? words.playing : words.counted} ${people}`;
    }
    if (!now.ended) return words.counting;
    if (Number.isInteger(now.correct)) return `${quizVerdict()} ${people}`;
    if (hasTeams(now)) return now.winner === null ? words.draw : fill(words.winner, { team: now.options[now.winner] });
    return `${words.closed}. ${people}`;
  }

  function howMany(people) {
    if (hasTeams(now)) return fill(people === 1 ? words.player1 : words.players, { people });
    return fill(people === 1 ? words.answer1 : words.answers, { people });
  }

  function quizVerdict() {
    const right = fill(words.rightAnswer, { option: now.options[now.correct] });
    if (now.mine === null) return right;
    return `${right} ${now.mine === now.correct ? words.youWereRight : words.youWereNot}`;
  }

  // --- what is pressed

  function choose(index) {
    if (!now.isOpen || now.mine === index) return;
    Object.assign(now, { mine: index, waiting: true, trouble: "" });
    update();
    tells.choose(now.id, index);
  }

  function hide() {
    gone.add(now.id);
    try {
      sessionStorage.setItem("hidden", JSON.stringify([...gone].slice(-50)));
    } catch {
      // A browser without storage shows it again after a reload.
    }
    now = null;
    clearInterval(timer);
    root.hidden = true;
    root.replaceChildren();
    arrange(false);
  }

  // --- time, counted on a clock that nobody sets

  function setClock(seconds) {
    clearInterval(timer);
    now.deadline = seconds === null || seconds === undefined ? null : performance.now() + seconds * 1000;
    if (now.deadline !== null && now.isOpen) timer = setInterval(tickClock, 250);
    drawClock();
  }

  function tickClock() {
    const left = now.deadline - performance.now();
    drawClock();
    if (left > 0) return;
    clearInterval(timer);
    now.isOpen = false;
    const { id } = now;
    if (now.kind === "BREAK") now.ended = true;
    update();
    // The word of the end usually comes within a second; where it does not, it is asked for.
    if (takesVotes(now)) setTimeout(() => { if (now?.id === id && !now.ended) tells.fetch(id); }, LATE_MS);
  }

  function drawClock() {
    const left = now.deadline === null || now.deadline === undefined ? null : Math.max(0, Math.ceil((now.deadline - performance.now()) / 1000));
    const text = left === null || !now.isOpen ? "" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (parts.clock.textContent !== text) parts.clock.textContent = text;
    parts.clock.classList.toggle("soon", left !== null && left <= 10);
  }

  return {
    open, tally, closed, sync, counted, answered, waiting, refused,
    current: () => (now && (now.isOpen || !now.ended) ? now.id : null),
    // A vote of before, which is still on its way.
    remember: (option) => { Object.assign(now, { mine: option, waiting: true }); update(); },
  };
}
