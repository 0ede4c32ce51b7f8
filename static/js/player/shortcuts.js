/** The keys of the player; the page shows them at `?`. */

/** @typedef {import("./actions.js").Actions} Actions */

/** Keys that a focused control needs for itself. */
const OWN_KEYS = /** @type {[string, string[]][]} */ ([
  ["button, a, summary, [role=button]", [" ", "Enter"]],
  [
    "wt-time-bar, wt-volume-bar",
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"],
  ],
]);
const TYPING =
  "input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog[open]";

/** @param {Actions} actions @returns {Record<string, () => void>} */
function keys(actions) {
  const digits = Array.from({ length: 10 }, (_, n) => [
    String(n),
    () => actions.seekToPart(n / 10),
  ]);
  return {
    " ": () => actions.togglePlay(),
    k: () => actions.togglePlay(),
    j: () => actions.seekBy(-10),
    l: () => actions.seekBy(10),
    ArrowLeft: () => actions.seekBy(-5),
    ArrowRight: () => actions.seekBy(5),
    ArrowUp: () => actions.volumeBy(0.05),
    ArrowDown: () => actions.volumeBy(-0.05),
    f: () => actions.toggleFullscreen(),
    t: () => actions.toggleTheatre(),
    i: () => actions.togglePictureInPicture(),
    m: () => actions.toggleMute(),
    c: () => actions.toggleCaptions(),
    "<": () => actions.speedBy(-1),
    ">": () => actions.speedBy(1),
    ".": () => actions.step(1),
    ",": () => actions.step(-1),
    Home: () => actions.seekToPart(0),
    End: () => actions.seekToPart(1),
    n: () => actions.next(),
    "?": () => actions.showShortcuts(),
    ...Object.fromEntries(digits),
  };
}

/**
 * Listen on the whole page, but not while somebody types or another control wants the key.
 *
 * @param {HTMLElement} element the player
 * @param {Actions} actions
 * @param {AbortSignal} signal
 */
export function listenForKeys(element, actions, signal) {
  const bound = keys(actions);
  document.addEventListener(
    "keydown",
    (event) => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!bound[key] || isTaken(key, event.target) || !isOurs(key, event.target, element)) return;
      event.preventDefault();
      bound[key]();
    },
    { signal },
  );
}

/** @param {string} key @param {EventTarget | null} target */
function isTaken(key, target) {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING)) return true;
  return OWN_KEYS.some(([selector, used]) => used.includes(key) && target.closest(selector));
}

/** Keys that scroll the page stay the page's, unless the focus is nowhere or in the player. @param {string} key @param {EventTarget | null} target @param {HTMLElement} element */
function isOurs(key, target, element) {
  const scrolls = ["ArrowUp", "ArrowDown", "Home", "End"].includes(key);
  const inside = target instanceof Node && element.contains(target);
  return inside || !scrolls;
}
