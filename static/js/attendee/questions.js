// What the room wants answered, most wanted first. Fetched when the list is open, not more often than
// every two seconds however much is asked.

const APART_MS = 2000;
// What is listed at first, what "more" adds, what one answer may hold.
const PAGE = 50;
const MOST = 1000;

export function makeQuestions({ root, ask, words, say }) {
  const list = root.querySelector("ol");
  const count = root.querySelector(".count");
  const none = root.querySelector(".none");
  const news = root.querySelector(".news");
  const own = root.querySelector(".own");
  const more = root.querySelector(".more");
  let freeAt = 0;
  let timer = 0;
  let most = PAGE;
  let turn = 0;
  let shown = 0;
  // What one has asked here and nobody has said yet what became of it: { text, tell(words) }.
  let pending = [];

  async function fetchNow() {
    timer = 0;
    freeAt = performance.now() + APART_MS;
    // A slow answer (a full server is asked again) may come after a newer one: the newest stands.
    const mine = ++turn;
    const { status, body } = await ask(`questions/?most=${most}`);
    if (status !== 200 || mine < shown) return;
    shown = mine;
    show(body.questions, body.count);
    showOwn(body.own);
    resolve(body);
  }

  function changed() {
    if (timer) return;
    // Spread, so that a room full of phones does not ask in the same instant.
    timer = setTimeout(fetchNow, Math.max(0, freeAt - performance.now()) + Math.random() * 1000);
  }

  function show(questions, open) {
    count.textContent = open || "";
    none.hidden = open > 0;
    more.hidden = questions.length >= Math.min(open, MOST);
    const before = new Map(Array.from(list.children, (item) => [item.dataset.id, item]));
    const items = questions.map((each) => fill(before.get(String(each.id)) ?? made(each), each));
    const held = document.activeElement;
    if (items.some((item, n) => list.children[n] !== item) || list.children.length !== items.length) {
      list.replaceChildren(...items);
      if (list.contains(held)) held.focus({ preventScroll: true });
    }
  }

  // One's own that others do not see, and why.
  function showOwn(rows) {
    own.hidden = !rows.length;
    own.replaceChildren(...rows.map(({ text, status }) => {
      const item = document.createElement("li");
      const said = Object.assign(document.createElement("bdi"), { textContent: text });
      item.append(said, Object.assign(document.createElement("small"), { textContent: words.questionStates[status] }));
      return item;
    }));
    if (rows.length) none.hidden = true;
  }

  function resolve({ questions, own: rows }) {
    pending = pending.filter(({ text, tell }) => {
      const mine = rows.find((each) => each.text === text);
      const isShown = !mine && questions.some((each) => each.mine && each.text === text);
      if (mine) tell(words.questionStates[mine.status]);
      else if (isShown) tell(words.questionStates.open);
      return !isShown && mine?.status !== "hidden" && mine?.status !== "many";
    });
  }

  function made(question) {
    const item = document.createElement("li");
    item.dataset.id = question.id;
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("b"), Object.assign(document.createElement("span"), { className: "vh" }));
    const text = document.createElement("span");
    text.dir = "auto";
    text.textContent = question.text;
    button.addEventListener("click", () => upvote(item, question.id));
    item.append(button, text);
    return item;
  }

  function fill(item, { upvotes, mine }) {
    const button = item.firstChild;
    button.setAttribute("aria-pressed", String(mine));
    button.firstChild.textContent = upvotes;
    button.lastChild.textContent = ` ${words.upvotes}`;
    return item;
  }

  async function upvote(item, id) {
    if (item.firstChild.getAttribute("aria-pressed") === "true") return;
    const { status, body } = await ask(`questions/${id}/upvote/`, {});
    if (status !== 200) {
      say(words.tryAgain);
      return;
    }
    fill(item, body);
    say(words.upvoted);
    changed();
  }

  more.addEventListener("click", async () => {
    const next = list.children.length;
    most = Math.min(MOST, most + PAGE);
    await fetchNow();
    // The button may be gone: who uses a keyboard goes on where the new ones begin.
    if (more.hidden) list.children[next]?.firstChild.focus();
  });

  root.addEventListener("toggle", () => {
    if (!root.open) return;
    news.hidden = true;
    fetchNow();
  });
  // A closed list is not fetched each time: a room full of phones would ask for nothing.
  return {
    changed: () => {
      if (!root.open) news.hidden = false;
      if (root.open || pending.length) changed();
    },
    asked: (text, tell) => pending.push({ text, tell }),
    start: fetchNow,
  };
}
