// The line of a screen: it only listens, and tries again when it is lost.

const FIRST_MS = 500;
const MOST_MS = 8000;
const ENDED = new Set(["screen_unknown", "session_unknown"]);

// `tells`: { frame(frame), up(), lost(), ended() }
export function listen(token, tells) {
  let wait = FIRST_MS;
  let over = false;

  function hear(frame) {
    if (frame.error && ENDED.has(frame.error.code)) {
      over = true;
      tells.ended();
    } else tells.frame(frame);
  }

  function open() {
    const where = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/screen/`;
    const socket = new WebSocket(`${where}?${new URLSearchParams({ token })}`);
    socket.addEventListener("open", () => {
      wait = FIRST_MS;
      tells.up();
    });
    socket.addEventListener("message", (event) => {
      const said = JSON.parse(event.data);
      for (const frame of Array.isArray(said) ? said : [said]) hear(frame);
    });
    socket.addEventListener("close", ({ code }) => {
      if (over) return;
      if (code === 4403 || code === 4401) {
        over = true;
        tells.ended();
        return;
      }
      tells.lost();
      setTimeout(open, wait * (0.7 + 0.6 * Math.random()));
      wait = Math.min(wait * 2, MOST_MS);
    });
  }

  open();
}
