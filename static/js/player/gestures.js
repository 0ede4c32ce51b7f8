/** Clicks and taps on the picture: play, full screen, seek by a double tap, show the controls. */

import { make } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./actions.js").Actions} Actions */

const DOUBLE = 300; // ms within which a second tap belongs to the first
const STEP = 10; // seconds

/** @param {Stage} stage @param {Actions} actions */
export function listenForTaps({ controller }, actions) {
  controller.tabIndex = -1; // a click on the picture gives the player the keys
  const layer = make("div", { class: "wt-touch", slot: "gestures-chrome", noautohide: true });
  const ripple = make("i", { class: "wt-ripple" });
  layer.append(ripple);
  let lastTap = Number.NEGATIVE_INFINITY;

  layer.addEventListener("click", (event) => {
    controller.focus({ preventScroll: true });
    if (/** @type {PointerEvent} */ (event).pointerType !== "touch") actions.togglePlay();
  });
  layer.addEventListener("dblclick", (event) => {
    if (performance.now() - lastTap > DOUBLE * 2) actions.toggleFullscreen();
    event.preventDefault();
  });
  layer.addEventListener("pointerup", (event) => {
    if (event.pointerType !== "touch") return;
    const second = event.timeStamp - lastTap < DOUBLE;
    lastTap = event.timeStamp;
    const side = sideOf(event, layer);
    if (second && side) {
      actions.seekBy(side * STEP);
      flash(ripple, side);
    } else if (!controller.hasAttribute("userinactive")) {
      event.stopPropagation(); // media-chrome would show the controls again
      controller.setAttribute("userinactive", "");
    }
  });
  controller.append(layer);
}

/** @param {PointerEvent} event @param {Element} layer @returns {-1 | 0 | 1} third of the picture */
function sideOf(event, layer) {
  const { left, width } = layer.getBoundingClientRect();
  const part = (event.clientX - left) / width;
  if (part < 1 / 3) return -1;
  return part > 2 / 3 ? 1 : 0;
}

/** @param {HTMLElement} ripple @param {-1 | 1} side */
function flash(ripple, side) {
  ripple.className = `wt-ripple ${side < 0 ? "left" : "right"}`;
  ripple.getAnimations().forEach((animation) => {
    animation.cancel();
    animation.play();
  });
}
