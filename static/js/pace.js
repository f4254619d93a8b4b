// One beat a second: what changes the page by itself changes together, so that the page is laid out
// and drawn once a second, however much arrives.

const BEAT_MS = 1000;
const NEAR_MS = 350;
const always = [];
let waiting = [];
let due = 0;
let timer = 0;

export function each(job) {
  always.push(job);
}

// In the next beat where that is near, else in one at once, from which the beats go on: so they come
// to fall on the moments at which news usually arrives.
export function soon(job) {
  waiting.push(job);
  if (waiting.length === 1 && due - performance.now() > NEAR_MS) arm(0);
}

export function start() {
  arm(BEAT_MS);
}

function arm(wait) {
  clearTimeout(timer);
  due = performance.now() + wait;
  timer = setTimeout(run, wait);
}

function run() {
  arm(BEAT_MS - Math.min(100, performance.now() - due));
  const jobs = [...waiting, ...always];
  waiting = [];
  for (const job of jobs) {
    try {
      job();
    } catch (error) {
      reportError(error);
    }
  }
}
