/** What the page tells the player: its attributes and the two JSON scripts inside it. */

/** @typedef {{ start: number, title: string }} Chapter `start` in seconds */
/** @typedef {(word: string, values?: Record<string, string | number>) => string} Say */

/**
 * @typedef {object} Setup
 * @property {string} prefix where the files of the video lie, no slash at the end
 * @property {string} hls name of the master playlist under the prefix, "" if none
 * @property {string} progressive name of the MP4 under the prefix, "" if none
 * @property {string} poster
 * @property {string} storyboard URL of the WebVTT that lists the sprites, "" if none
 * @property {boolean} growing the video is still being encoded
 * @property {string} renew URL that answers `{"prefix": …, "expires": …}`, "" if none
 * @property {number} expires unix seconds, 0 if the prefix never ends
 * @property {string} video key of the video
 * @property {string} title
 * @property {string} channel
 * @property {boolean} autoplay
 * @property {RequestCredentials} credentials "omit" where the site is not to know who watches
 * @property {{ url: string, token: string, csrf: string }} viewing where a view is counted
 * @property {{ url: string, slip: string, csrf: string }} watched where seconds are reported, "" if nobody counts them
 * @property {import("./direct/orders.js").Desk} desk where orders at nodes are had, its url "" if nobody sells
 * @property {string} refund URL of the refund page, "" if nothing was paid
 * @property {Chapter[]} chapters in order of start
 * @property {Say} say a word of the interface in the page's language
 */

/** @param {HTMLElement} element @returns {Setup} */
export function readSetup(element) {
  const text = (/** @type {string} */ name) => element.getAttribute(name) ?? "";
  const credentials = element.hasAttribute("anonymous") ? "omit" : "same-origin";
  return {
    prefix: text("prefix").replace(/\/$/, ""),
    hls: text("hls"),
    progressive: text("progressive"),
    poster: text("poster"),
    storyboard: text("storyboard"),
    growing: element.hasAttribute("growing"),
    renew: text("renew"),
    expires: Number(text("expires")) || 0,
    video: text("video"),
    title: text("title") || document.title,
    channel: text("channel"),
    autoplay: element.hasAttribute("autoplay"),
    credentials,
    viewing: { url: text("view-url"), token: text("token"), csrf: text("csrf") },
    watched: { url: text("watched-url"), slip: text("slip"), csrf: text("csrf") },
    desk: { url: text("orders"), credentials },
    refund: text("refund-url"),
    chapters: readChapters(element),
    say: speaker(element),
  };
}

/** @param {HTMLElement} element @returns {Chapter[]} */
function readChapters(element) {
  const script = element.querySelector(
    ':scope > script[type="application/json"]:not([data-labels])',
  );
  const listed = /** @type {Chapter[]} */ (JSON.parse(script?.textContent || "[]"));
  return listed.filter((each) => each.start >= 0).sort((a, b) => a.start - b.start);
}

/** @param {HTMLElement} element @returns {Say} */
function speaker(element) {
  const script = element.querySelector(":scope > script[data-labels]");
  const words = /** @type {Record<string, string>} */ (JSON.parse(script?.textContent || "{}"));
  return (word, values = {}) =>
    (words[word] ?? word).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
