/** What every way of playing has in common. */

/** @typedef {import("./setup.js").Setup} Setup */
/** @typedef {import("./access.js").Access} Access */
/** @typedef {import("./prefs.js").Prefs} Prefs */
/** @typedef {"network" | "expired" | "unavailable" | "decode"} Trouble */

/**
 * @typedef {object} SourceParts
 * @property {HTMLVideoElement} video
 * @property {Setup} setup
 * @property {Access} access
 * @property {Prefs} prefs
 * @property {AbortSignal} signal
 */

/**
 * Events of every source: `rungs` (the list of qualities is new), `growth` (the
 * length or the end of it is new), `trouble` (detail: a Trouble), `recovered`.
 */
export class Source extends EventTarget {
  /** Bytes fetched for this video so far, 0 where the browser does not say. */
  bytes = 0;
  growing = false;

  /** @param {string} name @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
