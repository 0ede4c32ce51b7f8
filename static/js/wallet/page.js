/** What the wallet's elements share: the page's words, amounts, and asking our own site. */

/** The site said no, or is away; the message is its sentence. */
export class SiteRefused extends Error {
  /**
   * @param {string} sentence
   * @param {number} status 0 if it is away
   */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

const DECIMALS = 8;

/**
 * The words an element was given: `<script type="application/json" data-labels>`.
 *
 * @param {Element} element
 * @returns {Record<string, string>}
 */
export function labelsOf(element) {
  const script = element.querySelector("script[data-labels]");
  return JSON.parse(script?.textContent ?? "{}");
}

/**
 * @param {string} text with names in braces
 * @param {Record<string, string>} values
 */
export function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "");
}

/**
 * Drops as people read them: exact, two decimals or more.
 *
 * @param {bigint} drops
 */
export function coins(drops) {
  const digits = String(drops).padStart(DECIMALS + 1, "0");
  const [whole, part] = [digits.slice(0, -DECIMALS), digits.slice(-DECIMALS)];
  const lang = document.documentElement.lang || "en";
  const grouped = BigInt(whole).toLocaleString(lang);
  const shown = part.replace(/0+$/, "").padEnd(2, "0");
  return `${grouped}${separator(lang)}${shown} CLD`;
}

/**
 * Coins as people type them, in drops; nothing if they are none.
 *
 * @param {string} text
 */
export function parseCoins(text) {
  const found = /^(\d{0,8})(?:[.,](\d{0,8}))?$/.exec(text.trim());
  if (!found || !/\d/.test(text)) return undefined;
  return BigInt((found[1] || "0") + (found[2] ?? "").padEnd(DECIMALS, "0"));
}

/**
 * Say something to our own site; what it answers.
 *
 * @param {string} url
 * @param {object} [body] posted as JSON; without it the address is only read
 */
export async function ask(url, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const post = { method: "POST", headers, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(url, { ...(body ? post : {}), signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new SiteRefused("", 0);
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new SiteRefused(String(said.error ?? ""), answer.status);
  return said;
}

/** The token that stands in every form of the page. */
function csrfToken() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

/** @param {string} lang */
function separator(lang) {
  const parts = new Intl.NumberFormat(lang).formatToParts(1.5);
  return parts.find((part) => part.type === "decimal")?.value ?? ".";
}
