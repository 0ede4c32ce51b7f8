/**
 * `<wt-lock terms="…" lock="URL" standing="URL" rpc="URL" person="KEY" chain-name="…">`: locks
 * coin from a wallet of this browser behind a tab of this device. Inside: a form with a field
 * `amount`, a list `data-wallets` that is filled with a button for each wallet found, and
 * `data-said` for what happens. What it says comes from its `data-labels`.
 */
import { account, beOn, Declined, discover, signTypedData, WrongChain } from "./browser-wallet.js";
import { lock, refresh } from "./locking.js";
import { coins, filled, labelsOf, parseCoins, SiteRefused } from "./page.js";
import { left } from "./paying.js";
import { find } from "./store.js";
import { asJson } from "./typed.js";

const PATIENCE_MS = 120_000;
const LOOK_MS = 1500;

class WtLock extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  #busy = false;

  async connectedCallback() {
    this.#labels = labelsOf(this);
    this.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
    const wallets = await discover();
    this.#list(wallets);
    if (!wallets.length) this.#say("none");
  }

  /** @param {import("./browser-wallet.js").Found[]} wallets */
  #list(wallets) {
    const place = this.querySelector("[data-wallets]");
    place?.replaceChildren(
      ...wallets.map(({ name, icon, provider }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button primary";
        if (icon.startsWith("data:image/")) {
          const picture = Object.assign(new Image(20, 20), { src: icon, alt: "" });
          button.append(picture);
        }
        button.append(filled(this.#labels.lock_with, { name: name || this.#labels.wallet }));
        button.addEventListener("click", () => this.#press(provider));
        return button;
      }),
    );
  }

  /** @param {import("./browser-wallet.js").Provider} provider */
  async #press(provider) {
    const field = this.querySelector("input[name=amount]");
    const amount = field instanceof HTMLInputElement ? parseCoins(field.value) : undefined;
    if (!amount) return this.#say("amount", {}, "error");
    if (this.#busy) return undefined;
    this.#busy = true;
    this.setAttribute("aria-busy", "true");
    try {
      await this.#lock(provider, amount);
    } catch (error) {
      this.#explain(error);
    } finally {
      this.#busy = false;
      this.removeAttribute("aria-busy");
    }
    return undefined;
  }

  /**
   * @param {import("./browser-wallet.js").Provider} provider
   * @param {bigint} amount
   */
  async #lock(provider, amount) {
    const terms = JSON.parse(this.getAttribute("terms") ?? "{}");
    const [rpc, name] = [this.getAttribute("rpc") ?? "", this.getAttribute("chain-name") ?? ""];
    this.#say("ask", { amount: coins(amount) });
    const payer = await account(provider);
    await beOn(provider, { chainId: terms.chainId, name, rpc });
    const channel = await lock({
      terms,
      payer,
      amount,
      person: this.getAttribute("person") ?? "",
      url: this.getAttribute("lock") ?? "",
      signed: ({ domain, struct, values }) =>
        signTypedData(provider, payer, asJson(domain, struct, values)),
    });
    await this.#wait(channel, amount);
  }

  /**
   * Until the books show the coin.
   *
   * @param {string} channel
   * @param {bigint} amount
   */
  async #wait(channel, amount) {
    const before = await find("tabs", channel);
    const wanted = BigInt(before.balance) + amount;
    this.#say("waiting", { amount: coins(amount) });
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const known = await refresh(this.getAttribute("standing") ?? "").catch(() => []);
      const tab = known.find((each) => each.channel === channel);
      if (tab && BigInt(tab.balance) >= wanted) {
        this.#say("ready", { left: coins(left(tab)) }, "success");
        this.dispatchEvent(new CustomEvent("locked", { bubbles: true, detail: { channel } }));
        return;
      }
    }
    this.#say("long");
  }

  /** @param {unknown} error */
  #explain(error) {
    if (error instanceof Declined) return this.#say("declined", {}, "warning");
    if (error instanceof WrongChain) return this.#say("wrong_chain", {}, "warning");
    if (error instanceof SiteRefused && error.message) return this.#show(error.message, "error");
    return this.#say("failed", {}, "error");
  }

  /**
   * @param {string} word
   * @param {Record<string, string>} [values]
   * @param {string} [kind]
   */
  #say(word, values = {}, kind = "info") {
    this.#show(filled(this.#labels[word], values), kind);
  }

  /**
   * @param {string} sentence
   * @param {string} kind
   */
  #show(sentence, kind) {
    const place = this.querySelector("[data-said]");
    if (!(place instanceof HTMLElement)) return;
    place.className = `notice ${kind}`;
    place.textContent = sentence;
    place.hidden = !sentence;
  }
}

customElements.define("wt-lock", WtLock);
