/**
 * How hls.js fetches fragments of a paid film: from the nodes that keep it, each block verified
 * and receipted; whatever goes wrong there, the gateway serves, and nobody notices.
 */

import { Film } from "./film.js";
import { Orders } from "./orders.js";

/** @typedef {import("hls.js").FragmentLoaderContext} Context */
/** @typedef {import("hls.js").LoaderConfiguration} Configuration */
/** @typedef {import("hls.js").LoaderCallbacks<Context>} Callbacks */
/** @typedef {import("hls.js").HlsConfig} Config */
/** @typedef {import("../access.js").Access} Access */
/** @typedef {import("./orders.js").Desk} Desk */

const PATIENCE = 2_500; // ms for a fragment, then the gateway is asked
const REST = 20_000; // ms in which nodes that were late are not asked; twice as long each time
const PLACE = /\/ipfs\/(b[a-z2-7]{58})\/([^/?#]*)$/;

/**
 * @param {Config["loader"]} Usual what fetches from the gateway
 * @param {Access} access
 * @param {Desk} desk
 * @returns {NonNullable<Config["fLoader"]>}
 */
export function directLoader(Usual, access, desk) {
  const films = new Films(new Orders(desk));
  films.expect(access.url(""));
  return class {
    #usual;
    #over = false;

    /** @param {Config} config */
    constructor(config) {
      this.#usual = new Usual(config);
    }

    get stats() {
      return this.#usual.stats;
    }

    get context() {
      return /** @type {Context} */ (this.#usual.context);
    }

    destroy() {
      this.#over = true;
      this.#usual.destroy();
    }

    abort() {
      this.#over = true;
      this.#usual.abort();
    }

    getCacheAge() {
      return this.#usual.getCacheAge?.() ?? null;
    }

    /** @param {string} name */
    getResponseHeader(name) {
      return this.#usual.getResponseHeader?.(name) ?? null;
    }

    /** @param {Context} context @param {Configuration} config @param {Callbacks} callbacks */
    async load(context, config, callbacks) {
      const began = performance.now();
      const data = await taken(films, access.current(context.url), context);
      if (this.#over) return;
      if (!data) {
        const usual = /** @type {import("hls.js").LoaderCallbacks<any>} */ (callbacks);
        this.#usual.load(context, config, usual);
        return;
      }
      const { stats } = this;
      Object.assign(stats.loading, { start: began, first: began + 1, end: performance.now() });
      stats.loaded = stats.total = data.byteLength;
      callbacks.onSuccess({ url: context.url, data, code: 206 }, stats, context, null);
    }
  };
}

/** The film that plays; another one when its files changed. */
class Films {
  #orders;
  #root = "";
  /** @type {Film | null} */
  #film = null;
  #rests = 0;
  #awakeAt = 0;

  /** @param {Orders} orders */
  constructor(orders) {
    this.#orders = orders;
  }

  /** Ask for orders before the first fragment is wanted. @param {string} prefix */
  expect(prefix) {
    const place = PLACE.exec(prefix);
    if (place) this.of(place[1])?.isSold;
  }

  get isResting() {
    return performance.now() < this.#awakeAt;
  }

  /** A fragment came late: whoever watches is not to feel it again soon. */
  rest() {
    this.#awakeAt = performance.now() + REST * 2 ** this.#rests;
    this.#rests = Math.min(this.#rests + 1, 5);
  }

  /** @param {string} root */
  of(root) {
    if (root !== this.#root) {
      this.#root = root;
      this.#film = new Film(this.#orders, root);
    }
    return this.#film;
  }
}

/**
 * @param {Films} films @param {string} url @param {Context} context
 * @returns {Promise<ArrayBuffer | null>} null: ask the gateway
 */
async function taken(films, url, { rangeStart, rangeEnd }) {
  const place = PLACE.exec(url);
  if (!place || rangeStart === undefined || !rangeEnd || films.isResting) return null;
  try {
    const film = films.of(place[1]);
    if (!film?.isSold) return null;
    const reading = film.read(decodeURIComponent(place[2]), rangeStart, rangeEnd);
    reading.catch(() => {});
    const data = await Promise.race([reading, late()]);
    if (!data) films.rest();
    return data;
  } catch {
    return null;
  }
}

/** @returns {Promise<null>} */
function late() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
}
