// The line of a screen: it only listens.

import { AskingLine } from "../shared/polling-connection.js";

const ENDED = new Set(["screen_unknown", "session_unknown"]);

// `tells`: { frame(frame), up(), lost(), ended() }
export function listen(token, tells) {
  function end() {
    line.stop();
    tells.ended();
  }

  const line = new AskingLine({
    socket: () => `/ws/screen/?${new URLSearchParams({ token })}`,
    asks: { url: () => "/api/v1/screen/line/?", token: () => token },
    tells: {
      heard: (frame) => (ENDED.has(frame.error?.code) ? end() : tells.frame(frame)),
      opened() {
        document.body.dataset.line = "up";
        tells.up();
      },
      closed() {
        document.body.dataset.line = "lost";
        tells.lost();
      },
      refused: end,
    },
  });
  line.open();
}
