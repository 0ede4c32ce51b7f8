/** Putting received HTML in the place of the elements with the same ids. */
import htmx from "htmx";

/**
 * Replace each element of the page whose id a top-level element of `html` bears.
 * The focused element and what is typed in it are kept when it has an id or a name.
 *
 * @param {string} html
 */
export function swap(html) {
  const received = new DOMParser().parseFromString(html, "text/html").body;
  for (const fresh of [...received.children]) {
    const old = fresh.id ? document.getElementById(fresh.id) : null;
    if (old && !old.isEqualNode(fresh)) replace(old, document.adoptNode(fresh));
  }
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function replace(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const opened = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
  old.replaceWith(fresh);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (held) focusAgain(held, fresh);
  htmx.process(fresh);
}

/**
 * @param {Element} held
 * @param {Element} fresh
 */
function focusAgain(held, fresh) {
  const selector = selectorOf(held);
  const same = selector ? fresh.querySelector(selector) : null;
  if (!(same instanceof HTMLElement)) return;
  if (isField(same) && isField(held)) same.value = held.value;
  same.focus({ preventScroll: true });
}

/** @param {Element} element */
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name") ?? element.getAttribute("href");
  if (!name) return element.localName === "summary" ? "summary" : "";
  const attribute = element.hasAttribute("name") ? "name" : "href";
  return `${element.localName}[${attribute}="${CSS.escape(name)}"]`;
}

/**
 * @param {Element} element
 * @returns {element is HTMLInputElement | HTMLTextAreaElement}
 */
function isField(element) {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement;
}
