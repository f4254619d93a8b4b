// For sites that show the attendee page in a frame: gives the frame the height that its page asks for.
(() => {
  const ours = new URL(document.currentScript.src).origin;
  addEventListener("message", (event) => {
    if (event.origin !== ours || event.data?.type !== "conductor-height") return;
    for (const frame of document.querySelectorAll("iframe")) {
      if (frame.contentWindow === event.source) frame.height = Math.min(Math.max(Number(event.data.height) || 0, 200), 4000);
    }
  });
})();
