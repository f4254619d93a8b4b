// Talks to a running server by a client made from its description: address, key and numbers of what is
// there come in TALK as JSON, what was seen goes out as JSON. test_typescript.py compares it.
import createClient from "openapi-fetch";

/** @type {import("openapi-fetch").Client<import("./api.js").paths>} */
const api = createClient({ baseUrl: told().url, headers: { Authorization: `Bearer ${told().key}` } });

/** @returns {{url: string, key: string, session: number, poll: number, questions: [number, number]}} */
function told() {
  return JSON.parse(/** @type {any} */ (globalThis).process.env.TALK);
}

/**
 * The data of an answer that is expected to be good.
 * @template T
 * @param {{data?: T, error?: import("./api.js").components["schemas"]["Error"], response: Response}} answer
 * @returns {T}
 */
function good({ data, error, response }) {
  if (data === undefined) throw new Error(`${response.url}: ${error?.error.message}`);
  return data;
}

const { session, poll, questions } = told();
const event = good(await api.POST("/api/v1/events/", { body: { title: "Spring", language: "de" } }));
const made = [];
for (const title of ["One", "Two", "Three"]) {
  made.push(good(await api.POST("/api/v1/sessions/", { body: { event_id: event.id, title } })));
}
const first = { params: { path: { id: made[0].id } } };
const changed = good(await api.PATCH("/api/v1/sessions/{id}/", { ...first, body: { room: "Hall 2" } }));
const read = good(await api.GET("/api/v1/sessions/{id}/", first));

// @ts-expect-error  The types are the description's: what there is not is noticed before it runs.
void read.nonsense;

const titles = [];
/** @type {string | undefined} */
let cursor;
do {
  const query = { event: event.id, page_size: 2, cursor };
  const page = good(await api.GET("/api/v1/sessions/", { params: { query } }));
  titles.push(page.results.map((each) => each.title));
  cursor = (page.next && new URL(page.next).searchParams.get("cursor")) || undefined;
} while (cursor);

const held = good(await api.GET("/api/v1/sessions/{id}/held/", { params: { path: { id: session } } }));
const decided = [];
for (const [held_pk, decision] of /** @type {[number, "show" | "refuse"][]} */ ([
  [questions[0], "show"], [questions[1], "refuse"],
])) {
  const path = { id: session, held_pk };
  const address = "/api/v1/sessions/{id}/held/questions/{held_pk}/";
  decided.push(good(await api.POST(address, { params: { path }, body: { decision } })).state);
}
const suggestion = good(await api.GET("/api/v1/interventions/{id}/", { params: { path: { id: poll } } }));
const votes = good(
  await api.GET("/api/v1/sessions/{id}/exports/{table}.{form}", {
    params: { path: { id: session, table: "votes", form: "json" } },
  }),
);
const twice = { params: { path: { id: session, held_pk: questions[0] } } };
const late = await api.POST("/api/v1/sessions/{id}/held/questions/{held_pk}/", {
  ...twice, body: { decision: "refuse" },
});
const missing = await api.GET("/api/v1/sessions/{id}/", { params: { path: { id: 999999999 } } });

console.log(
  JSON.stringify({
    room: [changed.room, read.room],
    titles,
    held: held.results.map((each) => each.text),
    decided,
    poll: suggestion.content?.text,
    votes,
    errors: [late, missing].map(({ error, response }) => [response.status, error?.error.code]),
  }),
);
