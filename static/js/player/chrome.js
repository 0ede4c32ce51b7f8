/**
 * media-chrome under a strict Content-Security-Policy.
 *
 * Its elements write their shadow roots from strings that hold `<style>`
 * elements, which `style-src 'self' 'nonce-…'` refuses. Each class makes that
 * string in its static `getTemplateHTML`, so the page's own nonce is added
 * there. Nothing else of media-chrome needs leave: it moves things by CSSOM.
 */

import * as chrome from "media-chrome";

/** @typedef {{ getTemplateHTML: (...args: unknown[]) => string }} Templated a class that writes its shadow root */

const nonce = /** @type {HTMLElement | null} */ (document.querySelector("[nonce]"))?.nonce ?? "";

/** @param {unknown} thing @returns {thing is Templated} */
function writesItsOwnTemplate(thing) {
  return typeof thing === "function" && Object.hasOwn(thing, "getTemplateHTML");
}

/** @param {Templated} kind */
function stamp(kind) {
  const write = kind.getTemplateHTML;
  kind.getTemplateHTML = function (...args) {
    return write.apply(this, args).replaceAll("<style>", `<style nonce="${nonce}">`);
  };
}

/** @type {Set<unknown>} every class that has a template of its own, parents included */
const kinds = new Set(
  Object.values(chrome).flatMap((thing) => {
    const line = [];
    for (let kind = thing; typeof kind === "function"; kind = Object.getPrototypeOf(kind)) {
      line.push(kind);
    }
    return line;
  }),
);
if (nonce) [...kinds].filter(writesItsOwnTemplate).forEach(stamp);

export const { MediaController, MediaTimeRange, MediaVolumeRange } = chrome;
