/** Where everything of the player stands: the bar below, the big buttons, the layers over the picture. */

import { TimeBar, VolumeBar } from "./bars.js";
import {
  captionsButton,
  fullscreenButton,
  makeButton,
  muteButton,
  pictureInPictureButton,
  playButton,
  theatreButton,
} from "./buttons.js";
import { chapterPage, nameChapter } from "./chapters.js";
import { clock } from "./clock.js";
import { make, on } from "./dom.js";
import { icon } from "./icons.js";
import { Menu } from "./menu.js";
import { settingsPage } from "./settings.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./figures.js").Figures} Figures */

/** @param {Stage} stage @param {Actions} actions @param {Figures} figures */
export function layOut(stage, actions, figures) {
  const menu = new Menu(stage);
  stage.source.addEventListener("rungs", () => menu.refresh(), { signal: stage.signal });
  stage.controller.append(
    make("div", { class: "wt-spinner", noautohide: true, "aria-hidden": "true" }),
    centre(stage, actions),
    bottom(stage, actions, figures, menu),
    menu.element,
    stage.notice.element,
  );
}

/** The big buttons in the middle: one before the start, three on a phone. @param {Stage} stage @param {Actions} actions */
function centre(stage, actions) {
  const { say } = stage;
  const jump = (/** @type {number} */ seconds, /** @type {string} */ name) => {
    const label = say(seconds < 0 ? "seconds_back" : "seconds_forward", { seconds: 10 });
    return makeButton(name, { picture: name, label, press: () => actions.seekBy(seconds) });
  };
  const row = make("div", { class: "wt-centre", slot: "centered-chrome" });
  row.append(jump(-10, "back"), playButton(stage, actions), jump(10, "forward"));
  return row;
}

/** @param {Stage} stage @param {Actions} actions @param {Figures} figures @param {Menu} menu */
function bottom(stage, actions, figures, menu) {
  const { say, element } = stage;
  const timeBar = new TimeBar();
  timeBar.say = say;
  const volumeBar = new VolumeBar();
  volumeBar.say = say;
  const settings = makeButton("settings", {
    picture: "settings",
    label: say("settings"),
    press: (button) => menu.toggle(button, () => settingsPage(stage, actions, figures)),
  });
  settings.setAttribute("aria-haspopup", "menu");
  settings.setAttribute("aria-expanded", "false");
  const next = makeButton("next", {
    picture: "next",
    label: say("next"),
    key: "n",
    press: () => actions.next(),
  });
  next.hidden = !element.hasAttribute("next");
  const row = make("div", { class: "wt-row" }, [
    playButton(stage, actions),
    next,
    make("div", { class: "wt-sound" }, [muteButton(stage, actions), volumeBar]),
    time(stage),
    ...chapters(stage, actions, menu),
    make("span", { class: "wt-space" }),
    captionsButton(stage, actions),
    settings,
    pictureInPictureButton(stage, actions),
    theatreButton(stage, actions),
    fullscreenButton(stage, actions),
  ]);
  return make("div", { class: "wt-bottom" }, [timeBar, row]);
}

/** @param {Stage} stage */
function time({ video, say, source, signal }) {
  const now = make("span", { class: "wt-now" }, ["0:00"]);
  const total = make("span", { class: "wt-total" });
  const growing = make("span", { class: "wt-growing", hidden: true }, [say("growing")]);
  on(
    video,
    "timeupdate seeking emptied",
    () => {
      now.textContent = clock(video.currentTime);
    },
    signal,
  );
  const measure = () => {
    total.textContent = Number.isFinite(video.duration) ? clock(video.duration) : "";
    growing.hidden = !source.growing;
  };
  on(video, "durationchange", measure, signal);
  on(source, "growth", measure, signal);
  measure();
  return make("div", { class: "wt-time" }, [now, total, growing]);
}

/** @param {Stage} stage @param {Actions} actions @param {Menu} menu */
function chapters(stage, actions, menu) {
  const { setup, say } = stage;
  if (!setup.chapters.length) return [];
  const name = make("span");
  const button = make(
    "button",
    {
      type: "button",
      class: "wt-chapter",
      "data-name": "chapters",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    },
    [icon("list"), make("span", { class: "wt-hidden" }, [say("chapters")]), name],
  );
  button.addEventListener("click", () => menu.toggle(button, () => chapterPage(stage, actions)));
  nameChapter(stage, name);
  return [button];
}
