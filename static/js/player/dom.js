/** Building the player's own elements, without markup in strings. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | null>} [attributes] true sets it empty; false and null leave it out
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/**
 * A bus of several events with one listener, dropped when the player goes.
 *
 * @param {EventTarget} target
 * @param {string} names apart by spaces
 * @param {(event: Event) => void} listener
 * @param {AbortSignal} signal
 */
export function on(target, names, listener, signal) {
  for (const name of names.split(" ")) target.addEventListener(name, listener, { signal });
}
