// A session that is over, moment by moment: the slider moves a line through the chart and tells the
// score, who was there, and what had happened last.

const SPEED = 60;
const FRAME_MS = 100;
const root = document.getElementById("replay");
const { points, told, zone } = JSON.parse(document.getElementById("replay-data").textContent);
const chart = document.getElementById("chart");
const slider = root.querySelector("[data-at]");
const [start, end] = [Number(chart.dataset.start), Number(chart.dataset.end)];
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
let timer = 0;

function last(rows, t) {
  let found = null;
  for (const row of rows) {
    if (row[0] > t) break;
    found = row;
  }
  return found;
}

function show() {
  const t = start + Number(slider.value) * 1000;
  const cross = chart.querySelector("[data-cross]");
  cross.hidden = false;
  cross.style.left = `${(t - start) / (end - start) * 100}%`;
  const [, score, low, high, present] = last(points, t) ?? [0, null, null, null, 0];
  const parts = [clock.format(t), score === null ? "–" : `${score} (${low}–${high})`, `${present}`];
  root.querySelector("[data-moment]").textContent = parts.join(" · ");
  slider.setAttribute("aria-valuetext", parts.join(", "));
  const event = last(told, t);
  root.querySelector("[data-told]").textContent = event ? `${clock.format(event[0]).slice(0, 5)} ${event[1]}` : "";
}

function play(on) {
  clearInterval(timer);
  root.querySelector("[data-play]").setAttribute("aria-pressed", String(on));
  if (!on) return;
  if (Number(slider.value) >= Number(slider.max)) slider.value = "0";
  timer = setInterval(() => {
    slider.value = String(Number(slider.value) + SPEED * FRAME_MS / 1000);
    show();
    if (Number(slider.value) >= Number(slider.max)) play(false);
  }, FRAME_MS);
}

if (points.length > 1) {
  slider.max = String(Math.round((end - start) / 1000));
  slider.value = slider.max;
  root.hidden = false;
  slider.addEventListener("input", () => {
    play(false);
    show();
  });
  root.querySelector("[data-play]").addEventListener("click", (event) => {
    play(event.currentTarget.getAttribute("aria-pressed") === "false");
  });
}
