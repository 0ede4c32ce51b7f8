/**
 * What the site is asked about uploads.
 *
 * @typedef {object} Kept
 * @property {string} key
 * @property {string} name the file's name
 * @property {number} size bytes
 * @property {string} title
 * @property {string} endpoint tus address with its grant
 * @property {string} edit_url
 * @property {string} watch_url
 */

/** A refusal in the site's own sentence. */
export class Refused extends Error {}

export class Site {
  /** @param {HTMLElement} element with the attributes start, unfinished and csrf */
  constructor(element) {
    this.start = element.getAttribute("start") ?? "";
    this.waiting = element.getAttribute("unfinished") ?? "";
    this.token = element.getAttribute("csrf") ?? "";
  }

  /**
   * Ask for room for one file; throws Refused.
   *
   * @param {File} file
   * @param {string} channel
   * @returns {Promise<Kept>}
   */
  async begin(file, channel) {
    const body = new FormData();
    body.set("name", file.name);
    body.set("size", String(file.size));
    body.set("type", file.type);
    body.set("channel", channel);
    body.set("title", "");
    const answer = await this.#post(this.start, body);
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(said.error ?? `${answer.status} ${answer.statusText}`);
    return said;
  }

  /** @returns {Promise<Kept[]>} */
  async unfinished() {
    const answer = await fetch(this.waiting);
    return answer.ok ? (await answer.json()).uploads : [];
  }

  /** @param {string} key */
  cancel(key) {
    return this.#post(new URL(`../${key}/cancel/`, new URL(this.start, location.href)).href);
  }

  /**
   * @param {string} url
   * @param {FormData} [body]
   */
  #post(url, body) {
    return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": this.token } });
  }
}
