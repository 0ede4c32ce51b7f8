/**
 * `<wt-own terms="…" rpc="URL" worker="URL" lock="URL" send="URL" standing="URL" here="0x…"
 * person="KEY">`: the wallet of this device. Of its parts it shows `data-when="none"` or
 * `data-when="some"`, and what is `data-open` or `data-closed`; forms are named by `data-form`,
 * buttons by `data-do`. What it says comes from its `data-labels`, into its `data-said`.
 */
import { balanceOf } from "./chain.js";
import { OwnWallet } from "./own.js";
import { lockFrom, NotThis, sendFrom } from "./own-moves.js";
import { coins, filled, labelsOf, SiteRefused } from "./page.js";
import { NoSecret, supported } from "./passkey.js";
import { NoWallet, WrongKey } from "./sealing.js";

const LOOK_MS = 5000;

class WtOwn extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  /** @type {OwnWallet | undefined} */
  #wallet;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;
  #sure = false;

  async connectedCallback() {
    this.#labels = labelsOf(this);
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
    for (const part of this.#all("[data-passkey]")) part.hidden = !supported;
    this.#wallet = await OwnWallet.ofThisDevice(this.#attribute("worker"));
    this.#show();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#looking);
    this.removeEventListener("submit", this);
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const name = event.type === "submit" ? target.dataset.form : doOf(target);
    const deed = name && this.#deeds[name];
    if (!deed) return;
    event.preventDefault();
    const form = target.closest("form");
    this.#run(() => deed(form ? new FormData(form) : new FormData()), form);
  }

  /** @type {Record<string, (said: FormData) => Promise<void>>} */
  #deeds = {
    make: async (said) => {
      if (said.get("passphrase") !== said.get("again")) throw new NotThis("differ");
      this.#say("making");
      this.#wallet = await OwnWallet.withPassphrase(text(said, "passphrase"), this.#worker);
      this.#say("made", {}, "success");
    },
    passkey: async () => {
      this.#wallet = await OwnWallet.withPasskey(this.#labels.passkey_name, this.#worker);
      this.#say("made", {}, "success");
    },
    restore: async (said) => {
      this.#say("opening");
      const file = /** @type {File} */ (said.get("file"));
      const brought = await file.text();
      this.#wallet = await OwnWallet.fromCopy(brought, text(said, "passphrase"), this.#worker);
      this.#say("restored", {}, "success");
    },
    unlock: async (said) => {
      this.#say("opening");
      await this.#wallet?.openByPassphrase(text(said, "passphrase"));
      this.#say("opened", {}, "success");
    },
    "open-passkey": async () => {
      await this.#wallet?.openByPasskey();
      this.#say("opened", {}, "success");
    },
    export: async () => {
      if (!this.#wallet?.opensBy("passphrase")) {
        for (const part of this.#all("[data-for-file]")) part.hidden = false;
        throw new NotThis("copy_needs");
      }
      save(this.#wallet.copy(), `wetube-wallet-${this.#wallet.address.slice(2, 8)}.json`);
      this.#say("saved", {}, "success");
    },
    file: async (said) => {
      if (!this.#wallet?.key) await this.#wallet?.openByPasskey();
      this.#say("making");
      await this.#wallet?.addPassphrase(text(said, "passphrase"));
      for (const part of this.#all("[data-for-file]")) part.hidden = true;
      await this.#deeds.export(said);
    },
    forget: async () => {
      if (!this.#sure) {
        this.#sure = true;
        throw new NotThis("sure");
      }
      this.#sure = false;
      await this.#wallet?.forget();
      this.#wallet = undefined;
      this.#say("gone");
    },
    lock: async (said) => {
      const site = { ...this.#site(), url: this.#attribute("lock") };
      await this.#move((wallet, key, terms) =>
        lockFrom(wallet, key, { terms, amount: text(said, "amount"), ...site }),
      );
    },
    send: async (said) => {
      const [amount, to] = [text(said, "amount"), text(said, "to")];
      const url = this.#attribute("send");
      await this.#move((wallet, key, terms) => sendFrom(wallet, key, { terms, amount, to, url }));
    },
    "to-balance": async () => {
      const field = this.querySelector("input[name=to]");
      if (field instanceof HTMLInputElement) field.value = this.#attribute("here");
    },
  };

  /**
   * Do it, and wait until the chain shows it.
   *
   * @param {(
   *   wallet: OwnWallet, key: Uint8Array, terms: import("./channel.js").Terms,
   * ) => Promise<bigint>} move says how much will leave
   */
  async #move(move) {
    const wallet = this.#wallet;
    if (!wallet?.key) return;
    const terms = JSON.parse(this.#attribute("terms"));
    const where = { rpc: this.#attribute("rpc"), token: terms.token };
    const before = await balanceOf(where, wallet.address);
    const amount = await move(wallet, wallet.key, terms);
    this.#say("waiting", { amount: coins(amount) });
    for (let looks = 0; looks < 60; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const now = await balanceOf(where, wallet.address).catch(() => before);
      if (now <= before - amount) return this.#say("done", { amount: coins(amount) }, "success");
    }
    this.#say("long");
  }

  /**
   * @param {() => Promise<void>} deed
   * @param {HTMLFormElement | null} form
   */
  async #run(deed, form) {
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    for (const bar of this.#all("[data-progress]")) bar.hidden = false;
    try {
      await deed();
      if (form?.querySelector("input[type=password]")) form.reset();
    } catch (error) {
      this.#explain(error);
    } finally {
      this.removeAttribute("aria-busy");
      for (const bar of this.#all("[data-progress]")) bar.hidden = true;
      this.#show();
    }
  }

  /** @param {unknown} error */
  #explain(error) {
    if (error instanceof NotThis) return this.#say(error.message, {}, "warning");
    if (error instanceof WrongKey) return this.#say("wrong", {}, "error");
    if (error instanceof NoWallet) return this.#say("no_wallet", {}, "error");
    if (error instanceof NoSecret) return this.#say("no_secret", {}, "error");
    if (error instanceof DOMException) return this.#say("no_passkey", {}, "warning");
    if (error instanceof SiteRefused && error.message) return this.#tell(error.message, "error");
    return this.#say("failed", {}, "error");
  }

  #show() {
    const state = this.#wallet ? "some" : "none";
    const isOpen = Boolean(this.#wallet?.key);
    for (const part of this.#all("[data-when]")) part.hidden = part.dataset.when !== state;
    for (const part of this.#all("[data-open]")) part.hidden = !isOpen;
    for (const part of this.#all("[data-closed]")) part.hidden = isOpen;
    for (const part of this.#all("[data-needs-open]")) part.toggleAttribute("disabled", !isOpen);
    if (!this.#wallet) return;
    for (const way of /** @type {const} */ (["passphrase", "passkey"])) {
      for (const part of this.#all(`[data-by-${way}]`)) part.hidden = !this.#wallet.opensBy(way);
    }
    for (const part of this.#all("[data-address]")) part.textContent = this.#wallet.address;
    const field = this.querySelector("[data-address-field]");
    if (field instanceof HTMLInputElement) field.value = this.#wallet.address;
    this.#look();
  }

  async #look() {
    const [wallet, place] = [this.#wallet, this.querySelector("[data-balance]")];
    if (!wallet || !place || document.hidden) return;
    const { token } = JSON.parse(this.#attribute("terms"));
    const where = { rpc: this.#attribute("rpc"), token };
    const held = await balanceOf(where, wallet.address).then(coins, () => this.#labels.unknown);
    if (place.textContent !== held) place.textContent = held;
  }

  #site() {
    return { person: this.#attribute("person") };
  }

  get #worker() {
    return this.#attribute("worker");
  }

  /** @param {string} name */
  #attribute(name) {
    return this.getAttribute(name) ?? "";
  }

  /** @param {string} selector @returns {NodeListOf<HTMLElement>} */
  #all(selector) {
    return this.querySelectorAll(selector);
  }

  /**
   * @param {string} word
   * @param {Record<string, string>} [values]
   * @param {string} [kind]
   */
  #say(word, values = {}, kind = "info") {
    this.#tell(filled(this.#labels[word], values), kind);
  }

  /**
   * @param {string} sentence
   * @param {string} kind
   */
  #tell(sentence, kind) {
    for (const place of this.#all("[data-said]")) {
      place.className = `notice ${kind}`;
      place.textContent = sentence;
      place.hidden = !sentence;
    }
  }
}

/** @param {HTMLElement} target */
function doOf(target) {
  const button = target.closest("[data-do]");
  return button instanceof HTMLElement ? button.dataset.do : undefined;
}

/**
 * @param {FormData} said
 * @param {string} name
 */
function text(said, name) {
  return String(said.get(name) ?? "");
}

/**
 * @param {string} content
 * @param {string} name
 */
function save(content, name) {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

customElements.define("wt-own", WtOwn);
