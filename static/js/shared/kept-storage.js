// What must outlive a page: in the browser's storage, and where that is forbidden in the name of the
// window, which outlives a reload.

const box = (kind) => {
  try {
    window[kind].setItem("keep", "1");
    window[kind].removeItem("keep");
    return window[kind];
  } catch {
    return null;
  }
};
const tab = box("sessionStorage");
const browser = box("localStorage") ?? tab;

function named() {
  try {
    return JSON.parse(window.name) ?? {};
  } catch {
    return {};
  }
}

// A place for one value; `inTab`: of this tab only. `read()` gives null where nothing is kept.
export function place(name, { inTab = false } = {}) {
  const where = inTab ? tab : browser;
  return {
    read() {
      try {
        return where ? JSON.parse(where.getItem(name)) : named()[name] ?? null;
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        if (!where) window.name = JSON.stringify({ ...named(), [name]: value ?? undefined });
        else if (value === null) where.removeItem(name);
        else where.setItem(name, JSON.stringify(value));
      } catch {
        // Full: it is kept as long as the page lives.
      }
    },
  };
}
