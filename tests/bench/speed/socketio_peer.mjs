// socket.io + ioredis with automatic pipelining: the usual way to do what our hot path does.
import { createServer } from "node:http";
import { Server } from "socket.io";
import Redis from "ioredis";

const [port, url] = process.argv.slice(2);
const log = new Redis(url, { enableAutoPipelining: true });
const bus = new Redis(url);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, maxHttpBufferSize: 65536 });

io.on("connection", (socket) => {
  socket.on("s", (frame, acknowledge) => {
    if (!Array.isArray(frame.s) || frame.s.length < 1 || frame.s.length > 50) return;
    for (const [kind, value, age] of frame.s) {
      if (typeof kind !== "string" || typeof value !== "string" || value.length > 500) return;
      if (!Number.isInteger(age) || age < 0) return;
    }
    log.xadd("bench:socketio", "*", "b", JSON.stringify(frame)).then(() => acknowledge());
  });
});
bus.subscribe("bench:socketio:bus");
bus.on("message", (_channel, text) => io.emit("f", JSON.parse(text)));
http.listen(Number(port), "127.0.0.1");
