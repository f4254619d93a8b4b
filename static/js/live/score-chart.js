// The score chart: the same geometry as dashboard/score/chart.py, for updates. The nodes that the server
// drew stay; only their attributes change, so a crosshair or a tooltip survives every tick.

const WIDTH = 1000;
const TOP = 16;
const HEIGHT = 116;
const GAP_MS = 16000;
const SMOOTH_MOST = 240;
const SOFT = 5;
const LABEL_WIDTH = 200;
const BRACKET_WIDTH = 250;
const STEPS_MS = [60e3, 180e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3];
const HOUR_MS = 3600e3;
const [T, SCORE, LOW, HIGH, TONE] = [0, 1, 2, 3, 4];
const SVG = "http://www.w3.org/2000/svg";

const y = (score) => TOP + 100 - score;
const text = (value) => String(Math.round(value * 100) / 100);

// Nothing is written that stands there already.
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
  return node;
}

function slopes(points) {
  const steps = [], rises = [];
  for (let i = 0; i + 1 < points.length; i++) {
    steps.push(points[i + 1][0] - points[i][0]);
    rises.push((points[i + 1][1] - points[i][1]) / steps[i]);
  }
  const inner = [];
  for (let i = 0; i + 1 < rises.length; i++) {
    const mean = (rises[i] * steps[i + 1] + rises[i + 1] * steps[i]) / (steps[i] + steps[i + 1]);
    const sign = (rises[i] < 0 ? -1 : 1) + (rises[i + 1] < 0 ? -1 : 1);
    inner.push(sign * Math.min(Math.abs(rises[i]), Math.abs(rises[i + 1]), 0.5 * Math.abs(mean)));
  }
  const first = (3 * rises[0] - inner[0]) / 2;
  const final = (3 * rises.at(-1) - inner.at(-1)) / 2;
  return [first, ...inner, final];
}

export function path(points) {
  const pair = ([px, py]) => `${text(px)},${text(py)}`;
  if (points.length < 3 || points.length > SMOOTH_MOST) {
    const rest = points.length > 1 ? points.slice(1) : points;
    return `M${pair(points[0])}${rest.map((point) => `L${pair(point)}`).join("")}`;
  }
  const slope = slopes(points);
  let d = `M${pair(points[0])}`;
  for (let i = 0; i + 1 < points.length; i++) {
    const [x0, y0] = points[i], [x1, y1] = points[i + 1], third = (x1 - x0) / 3;
    const numbers = [x0 + third, y0 + slope[i] * third, x1 - third, y1 - slope[i + 1] * third, x1, y1];
    d += `C${numbers.map(text).join(",")}`;
  }
  return d;
}

function runs(points) {
  const all = [];
  let run = [];
  for (const point of points) {
    if (run.length && (point[SCORE] === null || point[T] - run.at(-1)[T] > GAP_MS)) {
      all.push(run);
      run = [];
    }
    if (point[SCORE] !== null) run.push(point);
  }
  if (run.length) all.push(run);
  return all;
}

// Whether two drawn things are of one shape; or, not only looking, makes the old one like the new.
function move(old, made, isLook) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (!isLook && old.data !== made.data) old.data = made.data;
    return made.nodeType === Node.TEXT_NODE;
  }
  const [was, now] = [old, made].map((node) => [...node.childNodes]);
  if (old.nodeName !== made.nodeName || was.length !== now.length) return false;
  if (!isLook) set(old, Object.fromEntries([...made.attributes].map(({ name, value }) => [name, value])));
  return now.every((node, i) => move(was[i], node, isLook));
}

export class Chart {
  constructor(root, words, zone) {
    this.root = root;
    this.words = words;
    this.points = [];
    this.marks = [];
    this.brackets = [];
    this.taken = [];
    this.minutes = Math.round((Number(root.dataset.end) - Number(root.dataset.start)) / 60e3);
    this.end = Number(root.dataset.end);
    this.clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
    this.exact = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.start = Number(root.dataset.start);
    this.cursor = null;
    this.isOld = false;
    this.listen();
  }

  setSeries(points, marks, brackets) {
    this.points = points;
    this.marks = marks;
    this.brackets = brackets;
    this.draw();
  }

  add(point) {
    const last = this.points.at(-1);
    if (last && point[T] <= last[T]) return;
    this.points.push(point);
    while (this.points[0][T] < point[T] - HOUR_MS) this.points.shift();
    this.draw();
  }

  setOld(isOld) {
    if (this.isOld === isOld) return;
    this.isOld = isOld;
    this.drawAxis();
  }

  setWindow(minutes) {
    this.minutes = minutes;
    this.draw();
  }

  x(t) {
    return (t - this.start) / (this.end - this.start) * WIDTH;
  }

  percent(t) {
    return `${text(this.x(t) / 10)}%`;
  }

  draw() {
    if (this.points.length) this.end = this.points.at(-1)[T];
    this.start = this.end - this.minutes * 60e3;
    set(this.root, { "data-start": this.start, "data-end": this.end });
    this.shown = this.points.filter((point) => point[T] >= this.start);
    const all = runs(this.shown);
    const line = all.map((run) => path(run.map((p) => [this.x(p[T]), y(p[SCORE])])));
    set(this.part("line"), { d: line.join("") });
    set(this.part("area"), { d: all.map((run, i) => this.closed(run, line[i])).join("") });
    set(this.part("band"), { d: all.map((run) => this.band(run)).join("") });
    this.part("empty").toggleAttribute("hidden", line.length > 0);
    this.drawStops();
    this.drawNow();
    this.drawAxis();
    this.drawBrackets();
    this.drawMarks();
    this.drawCursor();
  }

  closed(run, line) {
    return `${line}L${text(this.x(run.at(-1)[T]))},${HEIGHT}L${text(this.x(run[0][T]))},${HEIGHT}Z`;
  }

  band(run) {
    const known = run.filter((p) => p[LOW] !== null && p[HIGH] !== null);
    if (known.length < 2) return "";
    const edge = (p, side) => `${text(this.x(p[T]))},${text(y(p[side]))}`;
    const upper = known.map((p) => edge(p, HIGH));
    const lower = [...known].reverse().map((p) => edge(p, LOW));
    return `M${[...upper, ...lower].join("L")}Z`;
  }

  drawStops() {
    const stops = [];
    let tone = "";
    for (const point of this.shown) {
      const next = point[TONE] || "none";
      if (next === tone) continue;
      const x = this.x(point[T]);
      if (tone) stops.push([x - SOFT, tone]);
      stops.push([tone ? x + SOFT : 0, next]);
      tone = next;
    }
    this.fill(this.part("stops"), stops.map(([x, name]) => this.node("stop", {
      offset: Math.min(Math.max(x / WIDTH, 0), 1).toFixed(4), class: `s-${name}`,
    })));
  }

  drawNow() {
    const last = this.shown.at(-1);
    const known = Boolean(last) && last[SCORE] !== null;
    set(this.root, { "data-tone": known ? last[TONE] || "none" : "none" });
    const now = set(this.part("now"), { visibility: known ? "visible" : "hidden" });
    if (!known) return;
    const place = { cx: this.percent(last[T]), cy: `${text(y(last[SCORE]) / HEIGHT * 100)}%` };
    for (const circle of now.children) set(circle, place);
  }

  drawAxis() {
    const span = this.end - this.start;
    const step = STEPS_MS.find((each) => span / each <= 5.01) ?? STEPS_MS.at(-1);
    const labels = [];
    for (let t = Math.ceil(this.start / step) * step; t < this.end - span * (this.isOld ? 0.17 : 0.15); t += step) {
      labels.push([this.percent(t), this.clock.format(t), this.x(t) < 25 ? "start" : "middle"]);
    }
    // Old numbers do not end now.
    labels.push(["100%", this.isOld ? this.clock.format(this.end) : this.words.now, "end"]);
    this.fill(this.part("axis"), labels.map(([x, words, anchor]) => this.label(x, 18, words, anchor)));
  }

  label(x, top, words, anchor) {
    const node = this.node("text", { x, y: top, "text-anchor": anchor });
    node.textContent = words;
    return node;
  }

  drawMarks() {
    const inside = this.marks.filter((mark) => mark.t >= this.start && mark.t <= this.end);
    let clear = WIDTH + LABEL_WIDTH;
    this.fill(this.part("marks"), inside.map((mark) => {
      const x = this.x(Number(mark.t));
      const meets = this.taken.some(([left, right]) => x + LABEL_WIDTH / 2 > left && x - LABEL_WIDTH / 2 < right);
      const labelled = clear - x >= LABEL_WIDTH && !meets;
      if (labelled) clear = x;
      return this.mark(mark, labelled ? mark.title : "");
    }));
  }

  mark(mark, title) {
    const t = Number(mark.t);
    const x = this.percent(t);
    const group = this.node("g", { class: `mark-${mark.tone}` });
    const stem = this.node("line", { class: "stem", x1: x, x2: x, y1: 20, y2: mark.y });
    const place = this.x(t);
    const label = this.label(x, 12, title, place < 100 ? "start" : place > 900 ? "end" : "middle");
    label.setAttribute("class", "tag");
    const spot = this.node("svg", { x, y: mark.y, overflow: "visible" });
    spot.append(this.node("path", { class: "diamond", d: "M0,-6 6,0 0,6 -6,0Z" }));
    group.append(stem, label, spot);
    return group;
  }

  // An intervention: a stem when it was sent, a bracket over what is measured, the result on it.
  drawBrackets() {
    const inside = this.brackets.filter((each) => Number(each.t) <= this.end && Number(each.end) >= this.start);
    this.taken = [];
    let clear = WIDTH;
    this.fill(this.part("brackets"), inside.map((each) => {
      const place = Math.max(0, this.x(Number(each.t)));
      const atEnd = place > WIDTH - BRACKET_WIDTH;
      const [left, right] = atEnd ? [place - BRACKET_WIDTH, place] : [place, place + BRACKET_WIDTH];
      const labelled = !this.taken.length || right <= clear;
      if (labelled) {
        clear = Math.min(clear, left);
        this.taken.push([left, right]);
      }
      return this.bracket(each, labelled ? atEnd ? "end" : "start" : "");
    }));
  }

  bracket(each, anchor) {
    const start = Number(each.t), cut = start < this.start;
    const end = each.open ? this.end : Math.min(Number(each.end), this.end);
    const x = this.percent(Math.max(start, this.start)), x2 = this.percent(end);
    const group = this.node("g", { class: `bracket tone-${each.tone}${each.open ? " open" : ""}${each.sent ? "" : " unsent"}` });
    if (!cut) {
      group.append(this.node("line", { class: "stem", x1: x, x2: x, y1: 20, y2: each.y }),
        this.node("circle", { class: "spot", cx: x, cy: each.y, r: 4.5 }));
    }
    group.append(this.node("line", { class: "over", x1: x, x2, y1: 20, y2: 20 }));
    if (!each.open) group.append(this.node("line", { class: "over", x1: x2, x2, y1: 20, y2: 26 }));
    if (!anchor) return group;
    const label = this.label(x, 12, each.name, anchor);
    label.setAttribute("class", "tag");
    const result = this.node("tspan", { class: "result", dx: 6 });
    result.textContent = each.result;
    label.append(result);
    group.append(label);
    return group;
  }

  node(name, attributes) {
    return set(document.createElementNS(SVG, name), attributes);
  }

  // Labels and marks move with time: where there are as many as before, they are moved, not made.
  fill(parent, nodes) {
    const old = [...parent.children];
    if (old.length !== nodes.length || !nodes.every((node, i) => move(old[i], node, true))) parent.replaceChildren(...nodes);
    else nodes.forEach((node, i) => move(old[i], node, false));
  }

  // --- the crosshair: by pointer, and by arrow keys where the plot has the focus

  listen() {
    const plot = this.part("plot");
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      this.pointAt(this.start + (event.clientX - box.left) / box.width * (this.end - this.start));
    });
    plot.addEventListener("pointerleave", () => this.pointAt(null));
    plot.addEventListener("blur", () => this.pointAt(null));
    plot.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by || !this.shown?.length) return;
      event.preventDefault();
      const at = this.cursor === null ? this.shown.length : this.nearest(this.cursor) + by;
      this.pointAt(this.shown[Math.min(Math.max(at, 0), this.shown.length - 1)][T]);
      this.onRead?.(this.part("tip").textContent);
    });
  }

  nearest(t) {
    let best = 0;
    this.shown.forEach((point, i) => {
      if (Math.abs(point[T] - t) < Math.abs(this.shown[best][T] - t)) best = i;
    });
    return best;
  }

  pointAt(t) {
    this.cursor = t;
    this.drawCursor();
  }

  drawCursor() {
    const cross = this.part("cross"), tip = this.part("tip");
    const point = this.cursor !== null && this.shown?.length ? this.shown[this.nearest(this.cursor)] : null;
    cross.hidden = tip.hidden = !point;
    if (!point) return;
    // Follow the moment, not the pixel: the tooltip keeps telling of the same point as time goes on.
    this.cursor = point[T];
    const share = this.x(point[T]) / WIDTH;
    cross.style.left = `${share * 100}%`;
    tip.style.left = `${share * 100}%`;
    tip.style.transform = `translateX(${share < 0.5 ? "10px" : "calc(-100% - 10px)"})`;
    const score = point[SCORE] === null ? this.words.noScore : Math.round(point[SCORE]);
    const band = point[SCORE] === null ? "" : ` · ${this.words.likely
      .replace("{low}", Math.round(point[LOW])).replace("{high}", Math.round(point[HIGH]))}`;
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: score }),
      ` ${this.exact.format(point[T])}${band}`);
  }
}
