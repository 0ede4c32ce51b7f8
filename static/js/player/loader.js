/** How hls.js fetches: always under the newest prefix, once more after a 403. */

import Hls from "hls.js";

/** @typedef {import("hls.js").LoaderContext} Context */
/** @typedef {import("hls.js").LoaderConfiguration} Configuration */
/** @typedef {import("hls.js").LoaderCallbacks<Context>} Callbacks */
/** @typedef {import("hls.js").HlsConfig} Config */
/** @typedef {import("./access.js").Access} Access */

/**
 * hls.js wants a class and makes the objects itself, so the access is bound here.
 *
 * @param {Access} access
 * @returns {Config["loader"]}
 */
export function loaderFor(access) {
  return class extends RenewingLoader {
    /** @param {Config} config */
    constructor(config) {
      super(config, access);
    }
  };
}

class RenewingLoader {
  #inner;
  #config;
  #access;
  #over = false;

  /** @param {Config} config @param {Access} access */
  constructor(config, access) {
    this.#config = config;
    this.#access = access;
    this.#inner = this.#fresh();
  }

  get stats() {
    return this.#inner.stats;
  }

  get context() {
    return this.#inner.context;
  }

  destroy() {
    this.#over = true;
    this.#inner.destroy();
  }

  abort() {
    this.#over = true;
    this.#inner.abort();
  }

  getCacheAge() {
    return this.#inner.getCacheAge?.() ?? null;
  }

  /** @param {string} name */
  getResponseHeader(name) {
    return this.#inner.getResponseHeader?.(name) ?? null;
  }

  /** @param {Context} context @param {Configuration} config @param {Callbacks} callbacks */
  load(context, config, callbacks) {
    context.url = this.#access.current(context.url);
    this.#inner.load(context, config, {
      ...callbacks,
      onError: async (error, failed, network, stats) => {
        const refused = error.code === 403 || (error.code === 0 && this.#access.expired);
        const asked = failed.url;
        if (refused && (await this.#hasNewer(asked)) && !this.#over) {
          this.#inner.destroy();
          this.#inner = this.#fresh();
          this.#inner.load({ ...context, url: this.#access.current(asked) }, config, callbacks);
        } else if (!this.#over) {
          callbacks.onError(error, failed, network, stats);
        }
      },
    });
  }

  /** @param {string} url @returns {Promise<boolean>} also true if another fetch renewed meanwhile */
  async #hasNewer(url) {
    if (this.#access.current(url) === url) await this.#access.renew();
    return this.#access.current(url) !== url;
  }

  #fresh() {
    return new Hls.DefaultConfig.loader(this.#config);
  }
}
