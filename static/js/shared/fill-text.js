// A sentence with {names} in it, and what stands there; numbers as the page's language writes them.

const number = new Intl.NumberFormat(document.documentElement.lang || "en");

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => {
  const value = values[name];
  return typeof value === "number" ? number.format(value) : value;
});
