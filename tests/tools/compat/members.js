// Members of objects, by name alone: `node.checkVisibility()` does not say what `node` is. A name is
// refused where every interface of the browsers' data that has it is too young, and none is old enough.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { api, javascript } = JSON.parse(readFileSync(require.resolve("@mdn/browser-compat-data")));
const { browserslist } = require("./package.json");
const NAMES = { edge: "edge", chrome: "chrome", firefox: "firefox", safari: "safari", ios_saf: "safari_ios", samsung: "samsunginternet_android" };
const browsers = browserslist.map((line) => line.split(" ")).map(([name, version]) => [NAMES[name], version]);

const parts = (version) => version.replace("≤", "").split(".").map(Number);
function isAtMost(one, other) {
  const [a, b] = [parts(one), parts(other)];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  }
  return true;
}

function isThere(compat) {
  return browsers.every(([name, version]) => [compat.support[name] ?? []].flat().some((each) => typeof each.version_added === "string"
    && each.version_added !== "preview" && isAtMost(each.version_added, version) && !each.version_removed && !each.flags && !each.prefix && !each.alternative_name));
}

// Name to whether any of those who have it is old enough.
const known = new Map();
function learn(owner, members) {
  for (const [member, { __compat: compat, ...inner }] of Object.entries(members)) {
    if (member === "__compat" || member.endsWith("_event")) continue;
    const name = member.replace(/_static$/, "");
    if (compat && name !== owner) known.set(name, known.get(name) || isThere(compat));
    if (Object.keys(inner).length) learn(member, inner);
  }
}
learn("", api);
learn("", javascript.builtins);

// Of a name that stands for itself the interface is known: `AbortSignal.timeout`.
function isYoung({ object, property: { name } }) {
  const owner = object.type === "Identifier" && (api[object.name] ?? javascript.builtins[object.name]);
  const exact = owner?.[`${name}_static`] ?? owner?.[name];
  return exact?.__compat ? !isThere(exact.__compat) : known.get(name) === false;
}

export const rule = {
  meta: { type: "problem", schema: [{ type: "array", items: { type: "string" } }], messages: { young: "'{{name}}' is younger than the browsers of docs/browsers.md." } },
  create(context) {
    return {
      "CallExpression > MemberExpression.callee"(node) {
        if (node.computed || !isYoung(node) || context.options[0]?.includes(node.property.name)) return;
        // What may be missing is asked for with `?.`.
        if (node.object.type === "ThisExpression" || node.object.type === "Super" || node.parent.optional) return;
        context.report({ node: node.property, messageId: "young", data: { name: node.property.name } });
      },
    };
  },
};
