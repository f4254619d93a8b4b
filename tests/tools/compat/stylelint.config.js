// Styles against the browsers of package.json: those of the people in the room, and those of organizers.
// Left out is what only makes a page nicer, and what has an older declaration before it (tests look).

import { createRequire } from "node:module";

const { browserslist, organizers } = createRequire(import.meta.url)("./package.json");
const ignore = [
  "css-backdrop-filter", "css-media-scripting", "css-overflow-anchor", "css-resize", "css-scrollbar", "css3-cursors",
  "extended-system-fonts", "viewport-unit-variants",
];
// What caniuse has no feature for: functions that no browser of the list has.
const young = ["color-mix", "light-dark", "round", "mod", "rem", "sin", "cos", "anchor", "linear", "if"];
const rules = (browsers, functions) => ({
  "function-disallowed-list": functions,
  "plugin/no-unsupported-browser-features": [true, { browsers, ignorePartialSupport: true, ignore }],
});

export default {
  plugins: ["stylelint-no-unsupported-browser-features"],
  reportDescriptionlessDisables: true,
  reportNeedlessDisables: true,
  rules: rules(organizers, young.filter((name) => name !== "color-mix")),
  overrides: [
    {
      files: ["**/{reset,tokens,font,base,controls,attendee,attendee-card,attendee-embed,stage}.css"],
      rules: rules(browserslist, young),
    },
  ],
};
