// One beat a second: what changes the page by itself changes together, so that the page is laid out
// and drawn once a second, however much arrives.

// A little more than a second: of five beats the last is then still to come when a tick arrives, and
// is what the tick is shown with. Two beats are never nearer than LEAST_MS.
const BEAT_MS = 1050;
const LEAST_MS = 700;
const always = [];
let waiting = [];
let ran = -LEAST_MS;
let due = 0;
let timer = 0;

export function each(job) {
  always.push(job);
}

// As soon as the last beat is long enough ago; the beats go on from there, so that they come to fall on
// the moments at which news arrives.
export function soon(job) {
  waiting.push(job);
  const wait = Math.max(0, ran + LEAST_MS - performance.now());
  if (waiting.length === 1 && due > performance.now() + wait) arm(wait);
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
  ran = performance.now();
  arm(BEAT_MS);
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
