// Scripts against the browsers of package.json: syntax and built-ins by es-x, web APIs by compat, members
// of DOM objects by their names (members.js).

import { createRequire } from "node:module";

import compat from "eslint-plugin-compat";
import esx from "eslint-plugin-es-x";

import { rule } from "./members.js";

const { browserslist } = createRequire(import.meta.url)("./package.json");

export default [
  {
    files: ["**/*.js"],
    plugins: { compat, "es-x": esx, here: { rules: { members: rule } } },
    languageOptions: { ecmaVersion: 2026, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    settings: { browsers: browserslist },
    rules: {
      ...esx.configs["flat/restrict-to-es2022"].rules,
      // Of ES2018 and ES2022, but not in Safari before 16.4.
      "es-x/no-regexp-lookbehind-assertions": "error",
      "es-x/no-class-static-block": "error",
      "compat/compat": "error",
      // Names of our own that young interfaces have, too.
      "here/members": ["error", ["cast", "changed", "lost", "opened", "sync", "token"]],
    },
  },
  // The app on a phone asks whether there is such a thing before it uses it, and says where there is none.
  { files: ["**/js/pages/phone-*.js"], rules: { "here/members": "off", "compat/compat": "off" } },
  // htmx and driver.js try these, or ask for them first; `configure` is their own.
  {
    files: ["**/vendor/**"],
    linterOptions: { noInlineConfig: true },
    rules: {
      "here/members": ["error", ["configure", "createHTML", "createScript", "moveBefore", "replaceSync", "startViewTransition"]],
    },
  },
];
