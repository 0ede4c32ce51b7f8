/** The pages of the settings menu. */

import { SPEEDS } from "./actions.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {import("./menu.js").Page} Page */
/** @typedef {import("./menu.js").Row} Row */

/** @param {Stage} stage @param {Actions} actions @param {Figures} figures @returns {Page} */
export function settingsPage(stage, actions, figures) {
  const { say, video, captions, prefs } = stage;
  /** @type {Row[]} */
  const rows = [
    ...qualityRow(stage),
    {
      kind: "more",
      picture: "speed",
      label: say("speed"),
      value: speedName(stage, video.playbackRate),
      page: () => speedPage(stage, actions),
    },
  ];
  if (captions.list.length) {
    const value = captions.chosen?.label ?? say("off");
    rows.push({
      kind: "more",
      picture: "captions",
      label: say("captions"),
      value,
      page: () => captionsPage(stage),
    });
  }
  rows.push(
    {
      kind: "switch",
      picture: "loop",
      label: say("loop"),
      on: video.loop,
      act: () => actions.setLoop(!video.loop),
    },
    ...saverRow(stage),
    {
      kind: "switch",
      picture: "resume",
      label: say("resume"),
      on: prefs.get("resume"),
      act: () => prefs.set("resume", !prefs.get("resume")),
    },
  );
  return { title: say("settings"), rows, note: figures.sentence };
}

/** @param {Stage} stage @returns {Row[]} */
function qualityRow(stage) {
  const { say, qualities } = stage;
  if (qualities.list.length < 2) return [];
  const playing = qualities.playing?.label ?? "";
  const auto = playing ? say("auto_now", { quality: playing }) : say("auto");
  const value = qualities.chosen < 0 ? auto : playing;
  return [
    {
      kind: "more",
      picture: "settings",
      label: say("quality"),
      value,
      page: () => qualityPage(stage),
    },
  ];
}

/** @param {Stage} stage @returns {Row[]} */
function saverRow({ say, prefs, qualities, source }) {
  if (source.kind !== "hls") return [];
  const act = () => {
    prefs.set("saver", !prefs.get("saver"));
    qualities.cap();
  };
  return [
    { kind: "switch", picture: "saver", label: say("data_saver"), on: prefs.get("saver"), act },
  ];
}

/** @param {Stage} stage @returns {Page} */
function qualityPage({ say, qualities }) {
  /** @type {Row[]} */
  const rows = qualities.list.map(({ index, label }) => ({
    kind: "choice",
    label,
    on: qualities.chosen === index,
    act: () => qualities.choose(index),
  }));
  rows.push({
    kind: "choice",
    label: say("auto"),
    on: qualities.chosen < 0,
    act: () => qualities.choose(-1),
  });
  return { title: say("quality"), rows };
}

/** @param {Stage} stage @param {Actions} actions @returns {Page} */
function speedPage(stage, actions) {
  const rows = SPEEDS.map((speed) => ({
    kind: /** @type {const} */ ("choice"),
    label: speedName(stage, speed),
    on: stage.video.playbackRate === speed,
    act: () => actions.setSpeed(speed),
  }));
  return { title: stage.say("speed"), rows };
}

/** @param {Stage} stage @param {number} speed */
function speedName({ say }, speed) {
  return speed === 1 ? say("normal") : `${speed} ×`;
}

/** @param {Stage} stage @returns {Page} */
function captionsPage({ say, captions }) {
  /** @type {Row[]} */
  const rows = captions.list.map((track) => ({
    kind: "choice",
    label: track.label || track.language,
    on: captions.chosen === track,
    act: () => captions.remember(track.language),
  }));
  rows.unshift({
    kind: "choice",
    label: say("off"),
    on: !captions.chosen,
    act: () => captions.remember(""),
  });
  return { title: say("captions"), rows };
}
