/**
 * `<wt-purse mint="/mint/" mint-url="https://…/mint" buy="URL" account="KEY">`: the tokens of this
 * browser. Forms are named by `data-form` (buy, hand, take, back); `data-worth` shows what there
 * is, `data-sent` lists what was handed over and not taken yet. What it says comes from its
 * `data-labels`, into its `data-said`.
 */
import { ask, coins, filled, labelsOf, parseCoins } from "../wallet/page.js";
import { Mint } from "./mint.js";
import { buy, goOn, handOver, take, takeBack, turnBack } from "./moves.js";
import * as purse from "./purse.js";
import { worth } from "./split.js";
import { reasonOf, Unreadable } from "./trouble.js";

class WtPurse extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  #place = { mint: new Mint(""), url: "" };

  connectedCallback() {
    this.#labels = labelsOf(this);
    this.#place = { mint: new Mint(this.#attribute("mint")), url: this.#attribute("mint-url") };
    this.addEventListener("submit", this);
    this.addEventListener("click", this);
    this.#run(() => goOn(this.#place));
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.type === "submit") {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (target);
      const deed = this.#deeds[form.dataset.form ?? ""];
      this.#run(() => deed(new FormData(form), form));
      return;
    }
    const button = target.closest("[data-do]");
    const row = button?.closest("[data-move]");
    if (button instanceof HTMLElement && row instanceof HTMLElement) this.#press(button, row);
  }

  /** @type {Record<string, (said: FormData, form: HTMLFormElement) => Promise<void>>} */
  #deeds = {
    buy: async (said) => {
      const amount = drops(said);
      this.#say("buying");
      const url = this.#attribute("buy");
      await buy(this.#place, amount, (quote) => ask(url.replace("/0/", `/${quote}/`), {}));
      this.#say("bought", amount);
      await refresh();
    },
    hand: async (said, form) => {
      const amount = drops(said);
      await handOver(this.#place, amount);
      form.reset();
      this.#say("handed", amount);
    },
    take: async (said, form) => {
      const amount = await take(this.#place, String(said.get("text")));
      form.reset();
      this.#say("taken", amount);
    },
    back: async (said, form) => {
      const amount = drops(said);
      await turnBack(this.#place, amount, this.#attribute("account"));
      form.reset();
      this.#say("back", amount);
      await refresh();
    },
  };

  /**
   * @param {HTMLElement} button
   * @param {HTMLElement} row
   */
  #press(button, row) {
    this.#run(async () => {
      const move = (await purse.moves()).find((each) => each.id === row.dataset.move);
      if (!move) return;
      if (button.dataset.do === "copy") {
        await navigator.clipboard.writeText(move.text ?? "");
        this.#say("copied");
      } else {
        await takeBack(this.#place, move);
        this.#say("kept", move.amount);
      }
    });
  }

  /** @param {() => Promise<void>} deed */
  async #run(deed) {
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#busy(true);
    try {
      await purse.alone(deed);
    } catch (error) {
      const { word, sentence } = reasonOf(error);
      this.#tell(sentence || this.#labels[word], "warning");
    } finally {
      this.removeAttribute("aria-busy");
      this.#busy(false);
      await this.#show();
    }
  }

  async #show() {
    const place = this.querySelector("[data-worth]");
    if (place) place.textContent = coins(BigInt(worth(await purse.tokens())));
    const sent = (await purse.moves()).filter((move) => move.kind === "sent");
    const list = this.querySelector("[data-sent]");
    if (!(list instanceof HTMLElement)) return;
    list.hidden = sent.length === 0;
    list.replaceChildren(...sent.map((move) => this.#row(move)));
  }

  /** @param {purse.Move} move */
  #row(move) {
    const template = /** @type {HTMLTemplateElement} */ (this.querySelector("[data-sent-row]"));
    const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    row.querySelector("li")?.setAttribute("data-move", move.id);
    const [amount, text] = [row.querySelector("[data-amount]"), row.querySelector("textarea")];
    if (amount) amount.textContent = coins(BigInt(move.amount));
    if (text) text.value = move.text ?? "";
    return row;
  }

  /**
   * @param {string} word
   * @param {number} [amount] drops
   */
  #say(word, amount = 0) {
    const sentence = filled(this.#labels[word], { amount: coins(BigInt(amount)) });
    this.#tell(sentence, word === "buying" ? "info" : "success");
  }

  /**
   * @param {string} sentence
   * @param {string} kind
   */
  #tell(sentence, kind) {
    const place = this.querySelector("[data-said]");
    if (!(place instanceof HTMLElement)) return;
    place.className = `notice ${kind}`;
    place.textContent = sentence;
    place.hidden = false;
  }

  /** @param {boolean} isBusy */
  #busy(isBusy) {
    const bar = this.querySelector("[data-progress]");
    if (bar instanceof HTMLElement) bar.hidden = !isBusy;
    for (const button of this.querySelectorAll("button")) button.disabled = isBusy;
  }

  /** @param {string} name */
  #attribute(name) {
    return this.getAttribute(name) ?? "";
  }
}

/** What the page says of the balance, as it is now. */
async function refresh() {
  const answer = await fetch(location.pathname).catch(() => undefined);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["wallet-balance", "buy-hint"]) {
    const now = page.getElementById(id);
    if (now) document.getElementById(id)?.replaceWith(document.adoptNode(now));
  }
}

/** @param {FormData} said */
function drops(said) {
  const amount = parseCoins(String(said.get("amount")));
  if (!amount || amount > BigInt(Number.MAX_SAFE_INTEGER)) throw new Unreadable();
  return Number(amount);
}

customElements.define("wt-purse", WtPurse);
