/** When playback fails: a sentence, a way out, and word to the page. */

import { make, on } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./source-base.js").Trouble} Trouble */

const FOR_GOOD = /** @type {Trouble[]} */ (["unavailable", "decode"]);

/** @param {Stage} stage */
export function showTrouble(stage) {
  const { controller, source, video, signal } = stage;
  const panel = make("div", { class: "wt-trouble", role: "alert", noautohide: true, hidden: true });
  controller.append(panel);
  /** @type {Trouble | null} */
  let trouble = null;

  function draw() {
    // What is already buffered may play on while the network is away.
    const felt =
      trouble && (trouble !== "network" || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    if (!felt) {
      panel.hidden = true;
    } else if (trouble && (panel.hidden || panel.dataset.trouble !== trouble)) {
      panel.dataset.trouble = trouble;
      panel.hidden = false;
      panel.replaceChildren(...contents(stage, trouble));
    }
  }

  on(
    source,
    "trouble",
    (event) => {
      trouble = /** @type {CustomEvent<Trouble>} */ (event).detail;
      if (FOR_GOOD.includes(trouble)) tellPage(stage, trouble);
      draw();
    },
    signal,
  );
  on(
    source,
    "recovered",
    () => {
      trouble = null;
      draw();
    },
    signal,
  );
  on(
    video,
    "waiting stalled canplay playing",
    () => {
      if (trouble && !panel.hidden && !video.paused && video.readyState > 2) trouble = null;
      draw();
    },
    signal,
  );
  panel.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLButtonElement)) return;
    trouble = null;
    draw();
    source.reopen();
  });
}

/** @param {Stage} stage @param {Trouble} trouble @returns {Node[]} */
function contents({ say }, trouble) {
  return [
    icon("alert"),
    make("p", {}, [say(`trouble_${trouble}`)]),
    make("button", { type: "button", class: "wt-retry" }, [say("retry")]),
  ];
}

/** The page offers the money back. @param {Stage} stage @param {Trouble} reason */
function tellPage({ element, setup }, reason) {
  if (!setup.refund || element.hasAttribute("failed")) return;
  element.setAttribute("failed", reason);
  const detail = { reason, refund: setup.refund };
  element.dispatchEvent(new CustomEvent("wt-failed", { bubbles: true, detail }));
}
