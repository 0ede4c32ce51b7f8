/**
 * Asking the mint (Cashu's NUT-01 to 09). No cookie is sent and no referrer: the mint does not
 * hear from us who asks. `base` is where it answers, on this site.
 */

/** The mint said no; `code` is Cashu's, `status` HTTP's, or 0 when nobody answered. */
export class MintRefused extends Error {
  /**
   * @param {string} sentence
   * @param {number} status
   * @param {number} code
   */
  constructor(sentence, status, code) {
    super(sentence);
    this.status = status;
    this.code = code;
  }

  /** It may have worked; asking the same again tells. */
  get isUncertain() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

/** What Cashu calls "already spent", "keyset is inactive" and "not paid". */
export const SPENT = 11001;
export const INACTIVE = 12002;
export const UNPAID = 20001;

const NOBODY = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

export class Mint {
  /** @type {Map<string, Record<string, string>>} */
  #keys = new Map();

  /** @param {string} base */
  constructor(base) {
    this.base = base.replace(/\/$/, "");
  }

  /** The keyset that signs now. @returns {Promise<string>} */
  async current() {
    const { keysets } = await this.#ask("keys");
    this.#keys.set(keysets[0].id, keysets[0].keys);
    return keysets[0].id;
  }

  /**
   * @param {string} id
   * @param {number} amount
   */
  async key(id, amount) {
    if (!this.#keys.has(id)) {
      const { keysets } = await this.#ask(`keys/${id}`);
      this.#keys.set(id, keysets[0].keys);
    }
    return this.#keys.get(id)?.[String(amount)] ?? "";
  }

  /** @param {number} amount */
  quote(amount) {
    return this.#ask("mint/quote/cloudcoin", { amount, unit: "cld" });
  }

  /** @param {string} quote */
  look(quote) {
    return this.#ask(`mint/quote/cloudcoin/${quote}`);
  }

  /**
   * @param {string} quote
   * @param {object[]} outputs
   */
  async mint(quote, outputs) {
    return (await this.#ask("mint/cloudcoin", { quote, outputs })).signatures;
  }

  /**
   * @param {object[]} inputs
   * @param {object[]} outputs
   */
  async swap(inputs, outputs) {
    return (await this.#ask("swap", { inputs, outputs })).signatures;
  }

  /**
   * @param {number} amount
   * @param {string} account
   */
  meltQuote(amount, account) {
    return this.#ask("melt/quote/cloudcoin", { amount, unit: "cld", request: account });
  }

  /**
   * @param {string} quote
   * @param {object[]} inputs
   */
  melt(quote, inputs) {
    return this.#ask("melt/cloudcoin", { quote, inputs });
  }

  /**
   * Whether each was spent.
   *
   * @param {string[]} Ys
   * @returns {Promise<boolean[]>}
   */
  async spent(Ys) {
    const { states } = await this.#ask("checkstate", { Ys });
    return states.map((/** @type {{ state: string }} */ each) => each.state === "SPENT");
  }

  /**
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #ask(path, body) {
    const headers = { "Content-Type": "application/json" };
    const post = body && { method: "POST", headers, body: JSON.stringify(body) };
    let answer;
    try {
      answer = await fetch(
        `${this.base}/v1/${path}`,
        /** @type {RequestInit} */ ({
          ...NOBODY,
          ...post,
          signal: AbortSignal.timeout(20_000),
        }),
      );
    } catch {
      throw new MintRefused("", 0, 0);
    }
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new MintRefused(String(said.detail ?? ""), answer.status, said.code ?? 0);
    return said;
  }
}
