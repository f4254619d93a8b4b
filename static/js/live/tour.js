// The tour: seven steps over the live page. Library and style are loaded when somebody takes it;
// that it was offered is remembered in a cookie of the person, so that the server offers it once.

import { isLaidOut } from "./freshness.js";

const YEAR = 31_536_000;
const PLACES = {
  now: ["#score"],
  changed: ["#headline"],
  suggestion: ["#suggest"],
  why: ["#suggest .why", "#suggest .odds", "#suggest .pairs", "#suggest"],
  mode: [".modes", "#mode-chip > summary"],
  worked: ["#outcomes", "#feed"],
  share: ['.top a.box[href$="/join/"]', "#user-menu > summary"],
};
let running = null;
let loading = null;

function load(tour) {
  loading ??= Promise.all([
    append("link", { rel: "stylesheet", href: tour.style }),
    append("script", { src: tour.script }),
  ]);
  return loading;
}

function append(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.onload = resolve;
    node.onerror = () => {
      loading = null;
      node.remove();
      reject(new Error(tag));
    };
    document.head.append(node);
  });
}

function remember(person) {
  document.cookie = `tour-${person}=1; path=/; max-age=${YEAR}; samesite=lax`;
  for (const offer of document.querySelectorAll("[data-tour-offer]")) offer.remove();
}

// The first of a step's places that can be seen; without one the step stands in the middle.
function place(name) {
  const shown = PLACES[name].map((each) => document.querySelector(each));
  return shown.find((node) => isLaidOut(node) && node.getBoundingClientRect().height);
}

function step([name, title, description]) {
  return { element: () => place(name), popover: { title, description } };
}

// The library's header and footer are landmarks of the whole page, and what it points at is no button.
function mend(popover, close) {
  popover.closeButton.setAttribute("aria-label", close);
  popover.title.setAttribute("role", "none");
  popover.footer.setAttribute("role", "none");
}

async function start(tour, opener, person) {
  if (running) return;
  running = opener;
  try {
    await load(tour);
  } catch {
    running = null;
    return;
  }
  if (person) remember(person);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.driver.js.driver({
    animate: !still,
    smoothScroll: !still,
    showProgress: true,
    progressText: tour.progress,
    nextBtnText: tour.next,
    prevBtnText: tour.back,
    doneBtnText: tour.done,
    disableActiveInteraction: true,
    stagePadding: 6,
    stageRadius: 16,
    overlayOpacity: 0.55,
    steps: tour.steps.map(step),
    onPopoverRender: (popover) => mend(popover, tour.close),
    onHighlighted: (node) => ["haspopup", "expanded", "controls"].forEach((each) => node?.removeAttribute(`aria-${each}`)),
    onDestroyed: () => {
      running = null;
      // The offer is gone by now: then its card takes the focus.
      (opener.isConnected ? opener : document.getElementById("suggest")).focus({ preventScroll: true });
    },
  }).drive();
}

// What was pressed: the tour itself, or that it is not wanted.
export function answer(node, tour) {
  const { tour: person, tourNo } = node.dataset;
  if (tourNo) {
    remember(tourNo);
    document.getElementById("suggest").focus({ preventScroll: true });
    return;
  }
  const menu = node.closest("details.menu");
  if (menu) menu.open = false;
  start(tour, menu?.querySelector("summary") ?? node, person);
}

// The address asks for it.
export function begin(tour) {
  const asked = document.querySelector("[data-tour]");
  if (!asked) return;
  history.replaceState(null, "", location.pathname);
  start(tour, document.getElementById("main"), asked.dataset.tour);
}
