/** What a viewer chose, kept in this browser only. */

/**
 * @typedef {object} Choices
 * @property {number} volume 0 to 1
 * @property {boolean} muted
 * @property {number} speed
 * @property {number} quality short side in pixels, 0 for automatic
 * @property {boolean} saver spend few bytes
 * @property {boolean} resume go on where I stopped
 * @property {boolean} theatre
 * @property {string} captions language, "" for none
 * @property {number} bandwidth last estimate in bit/s, 0 if none
 */

const KEY = "wt-player";

/** @type {Choices} */
const DEFAULTS = {
  volume: 1,
  muted: false,
  speed: 1,
  quality: 0,
  saver:
    /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection?.saveData ??
    false,
  resume: true,
  theatre: false,
  captions: "",
  bandwidth: 0,
};

/** @param {string} key @returns {unknown} null where nothing readable is stored */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // storage is closed in some private windows
  }
}

/** @param {string} key @param {unknown} value null forgets it */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or closed storage costs the viewer a preference, never the video.
  }
}

export class Prefs {
  /** @type {Choices} */
  #choices = { ...DEFAULTS, .../** @type {Partial<Choices> | null} */ (recall(KEY)) };

  /** @template {keyof Choices} K @param {K} name @returns {Choices[K]} */
  get(name) {
    return this.#choices[name];
  }

  /** @template {keyof Choices} K @param {K} name @param {Choices[K]} value */
  set(name, value) {
    this.#choices[name] = value;
    keep(KEY, this.#choices);
  }
}
