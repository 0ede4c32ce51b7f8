/** The qualities a viewer may choose from, and the cap of the data saver. */

/** @typedef {import("hls.js").Level} Level */
/** @typedef {import("./prefs.js").Prefs} Prefs */
/** @typedef {import("./hls-source.js").HlsSource} HlsSource */
/** @typedef {import("./plain-source.js").PlainSource} PlainSource */

/** @typedef {{ index: number, size: number, label: string }} Quality `size`: short side in pixels */

export const SAVER_SIZE = 480; // short side in pixels that the data saver stays under

export class Qualities {
  #source;
  #prefs;

  /** @param {HlsSource | PlainSource} source @param {Prefs} prefs */
  constructor(source, prefs) {
    this.#source = source;
    this.#prefs = prefs;
    source.addEventListener("rungs", () => this.#applyOnce());
  }

  #applied = /** @type {unknown} */ (null);

  /** @returns {Quality[]} best first; empty when there is no choice */
  get list() {
    const levels = this.#source.levels;
    const named = levels.map((level, index) => ({ index, size: sizeOf(level), level }));
    const seen = named.map(({ size }) => size);
    return named
      .map(({ index, size, level }) => ({ index, size, label: labelOf(level, size, seen) }))
      .filter(({ size }) => size > 0)
      .reverse();
  }

  /** @returns {number} index of the level chosen by the viewer, -1 for automatic */
  get chosen() {
    if (this.#source.kind !== "hls" || this.#source.engine.autoLevelEnabled) return -1;
    return this.#source.engine.nextLevel;
  }

  /** @returns {Quality | undefined} what is on the screen */
  get playing() {
    if (this.#source.kind !== "hls") return undefined;
    const { currentLevel } = this.#source.engine;
    return this.list.find(({ index }) => index === currentLevel);
  }

  /** @param {number} index a level, -1 for automatic */
  choose(index) {
    if (this.#source.kind !== "hls") return;
    this.#source.engine.nextLevel = index;
    this.#prefs.set("quality", index < 0 ? 0 : sizeOf(this.#source.levels[index]));
    this.#source.tell("rungs");
  }

  /** Bound what the automatic choice may take. */
  cap() {
    if (this.#source.kind !== "hls") return;
    const hls = this.#source.engine;
    const saver = this.#prefs.get("saver");
    hls.capLevelToPlayerSize = !saver;
    const fits = this.#source.levels.filter((level) => sizeOf(level) <= SAVER_SIZE).length;
    hls.autoLevelCapping = saver ? Math.max(0, fits - 1) : -1;
  }

  /** A new list of levels takes over the choice made before, here or on another video. */
  #applyOnce() {
    if (this.#source.kind !== "hls" || this.#applied === this.#source.engine) return;
    this.#applied = this.#source.engine;
    if (this.#prefs.get("saver")) this.cap();
    const wanted = this.#prefs.get("quality");
    const best = this.list.find(({ size }) => wanted && size <= wanted);
    if (best) this.#source.engine.startLevel = this.#source.engine.nextLevel = best.index;
  }
}

/** @param {Level} level @returns {number} short side, which is what "720p" means, portrait or not */
function sizeOf(level) {
  return Math.min(level.width || 0, level.height || 0);
}

/** @param {Level} level @param {number} size @param {number[]} all @returns {string} */
function labelOf(level, size, all) {
  const rate = level.frameRate > 35 ? String(Math.round(level.frameRate)) : "";
  const twice = all.filter((each) => each === size).length > 1;
  const codec = level.videoCodec?.startsWith("av01") ? " AV1" : "";
  return `${size}p${rate}${twice ? codec : ""}`;
}
