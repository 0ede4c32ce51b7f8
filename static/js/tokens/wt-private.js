/**
 * `<wt-private url="URL" price="DROPS" video="KEY" screen="URL" refund="URL" mint="/mint/"
 * mint-url="https://…/mint">`: pays a film with this browser's private tokens and puts the player
 * in the place of the price. No cookie goes along, neither to the gateway nor to the site. Shows
 * itself only where there are tokens, or a ticket that still opens the film. Inside: a button
 * `data-pay`, `data-low` for too few tokens, `data-said`; its words are `data-labels`.
 */
import { coins, filled, labelsOf } from "../wallet/page.js";
import { Mint, MintRefused } from "./mint.js";
import { pay, takeQuote } from "./moves.js";
import * as purse from "./purse.js";
import { worth } from "./split.js";
import { reasonOf } from "./trouble.js";

const TICKET_MS = 24 * 3_600_000;
/** @type {RequestInit} */
const NOBODY = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

class WtPrivate extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  #place = { mint: new Mint(""), url: "" };
  #ticket = "";

  async connectedCallback() {
    this.#labels = labelsOf(this);
    this.#place = { mint: new Mint(this.#attribute("mint")), url: this.#attribute("mint-url") };
    this.querySelector("[data-pay]")?.addEventListener("click", () => this.#press());
    const kept = await purse.ticket(this.#attribute("video"));
    if (kept && kept.until > Date.now() && (await this.#play(kept.ticket))) return;
    await this.#offer();
  }

  async #offer() {
    const left = worth(await purse.tokens());
    const isEnough = left >= this.#price;
    this.hidden = left === 0;
    const button = this.querySelector("[data-pay]");
    if (button instanceof HTMLElement) button.hidden = !isEnough;
    const words = button?.querySelector("span");
    if (words) words.textContent = this.#word("pay");
    const low = this.querySelector("[data-low]");
    if (low instanceof HTMLElement) low.hidden = isEnough;
    const said = low?.querySelector("span");
    if (said) said.textContent = filled(this.#labels.low, { left: coins(BigInt(left)) });
  }

  async #press() {
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#say(this.#labels.paying);
    const bill = { price: this.#price, subject: this.#attribute("video") };
    try {
      const { ticket } = await purse.alone(() => pay(this.#place, bill, this.#ask));
      await purse.keepTicket({ video: bill.subject, ticket, until: Date.now() + TICKET_MS });
      if (!(await this.#play(ticket, "&play"))) location.reload();
    } catch (error) {
      const { word, sentence } = reasonOf(error);
      await this.#offer();
      this.#say(sentence || this.#word(word));
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  /** @type {(token: string, word: string) => Promise<{ ticket: string }>} */
  #ask = async (token, word) => {
    const headers = { "X-Cashu": token, "Idempotency-Key": word };
    const signal = AbortSignal.timeout(20_000);
    const answer = await fetch(this.#attribute("url"), { ...NOBODY, headers, signal }).catch(() => {
      throw new MintRefused("", 0, 0);
    });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const code = Number(/^cashu_(\d+)$/.exec(said.reason ?? "")?.[1] ?? 0);
    throw new MintRefused(String(said.message ?? ""), answer.status, code);
  };

  /**
   * Put the player where the price was; whether the ticket opens the film.
   *
   * @param {string} ticket
   * @param {string} [more]
   */
  async #play(ticket, more = "") {
    const url = `${this.#attribute("screen")}?ticket=${encodeURIComponent(ticket)}${more}`;
    const answer = await fetch(url, NOBODY).catch(() => undefined);
    if (answer?.status !== 200) return false;
    this.#ticket = ticket;
    const received = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    received.querySelector("wt-player")?.setAttribute("anonymous", "");
    const note = received.querySelector(".receipt-note");
    if (note) this.#note(note);
    const screen = this.closest(".watch-screen");
    screen?.replaceChildren(...[...received.childNodes].map((node) => document.adoptNode(node)));
    return true;
  }

  /**
   * The receipt, with a way back that sends no cookie.
   *
   * @param {Element} note
   */
  #note(note) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.className = "link small";
    button.textContent = this.#labels.ask_back;
    const said = note.querySelector("p") ?? note;
    said.textContent = this.#word("paid");
    const back = () => this.#askBack(button, said);
    button.addEventListener("click", back);
    document.addEventListener("wt-failed", back, { once: true });
    note.querySelector("wt-refund")?.replaceWith(button);
    document.querySelector(".watch-bar")?.after(document.adoptNode(note));
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Element} said
   */
  async #askBack(button, said) {
    button.disabled = true;
    const url = `${this.#attribute("refund")}?ticket=${encodeURIComponent(this.#ticket)}`;
    try {
      const answer = await fetch(url, { ...NOBODY, method: "POST" });
      const { quote, amount, error } = await answer.json();
      if (!quote) throw new MintRefused(String(error ?? ""), answer.status, 0);
      await purse.alone(() => takeQuote(this.#place, quote, amount));
      await purse.forgetTicket(this.#attribute("video"));
      said.textContent = this.#word("back");
      button.remove();
    } catch (error) {
      const { word, sentence } = reasonOf(error);
      said.textContent = sentence || this.#word(word);
      button.disabled = false;
    }
  }

  get #price() {
    return Number(this.#attribute("price"));
  }

  /** @param {string} word with the price filled in */
  #word(word) {
    return filled(this.#labels[word] ?? "", { price: coins(BigInt(this.#price)) });
  }

  /** @param {string} sentence */
  #say(sentence) {
    const place = this.querySelector("[data-said]");
    if (place) place.textContent = sentence;
  }

  /** @param {string} name */
  #attribute(name) {
    return this.getAttribute(name) ?? "";
  }
}

customElements.define("wt-private", WtPrivate);
