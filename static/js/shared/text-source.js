// Whose words an interaction is, and whose its quotation: said on every screen that shows them.

export function whose(frame, words) {
  return [frame.quote_from, frame.from].filter(Boolean).map((name) => words.from[name]).join(" · ");
}
