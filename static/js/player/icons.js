/** The player's icons: strokes on a grid of 24, drawn for it. */

const FRAME = "M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z";
const SPEAKER = "M4 9.7v4.6h3.4l4.6 4V5.7l-4.6 4z";

/** `solid` paths are filled, `line` paths only stroked. */
const DRAWN = /** @type {Record<string, { solid?: string, line?: string }>} */ ({
  play: { solid: "M8 6.1c0-1 1.1-1.6 2-1.1l9.1 5.9c.8.5.8 1.7 0 2.2L10 19c-.9.5-2-.1-2-1.1z" },
  pause: { solid: "M7 5.5h2.6v13H7zM14.4 5.5H17v13h-2.6z" },
  replay: { line: "M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4.5 8.7M4.5 4.2v4.5H9" },
  next: {
    solid: "M6 6.6c0-.5.6-.8 1-.5l7.2 5.4c.4.3.4.8 0 1L7 17.9c-.4.3-1 0-1-.5z",
    line: "M18 6v12",
  },
  loud: { solid: SPEAKER, line: "M15.4 9a4.3 4.3 0 0 1 0 6M18 6.4a8 8 0 0 1 0 11.2" },
  soft: { solid: SPEAKER, line: "M15.4 9a4.3 4.3 0 0 1 0 6" },
  mute: { solid: SPEAKER, line: "m15.8 9.6 4.8 4.8m0-4.8-4.8 4.8" },
  captions: { line: `${FRAME}M7 12h3.4M13.6 12H17M7 15.4h5.6M15.8 15.4H17` },
  settings: {
    line: "M4 7.5h8.4M17.6 7.5H20M4 16.5h2.4M11.6 16.5H20M17.6 7.5a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0zM11.6 16.5a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0z",
  },
  pip: { line: FRAME, solid: "M12.6 12.6h5.2v3.4h-5.2z" },
  theatre: {
    line: "M3 8.6A1.6 1.6 0 0 1 4.6 7h14.8A1.6 1.6 0 0 1 21 8.6v6.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 15.4z",
  },
  narrow: {
    line: "M6 8.6A1.6 1.6 0 0 1 7.6 7h8.8A1.6 1.6 0 0 1 18 8.6v6.8a1.6 1.6 0 0 1-1.6 1.6H7.6A1.6 1.6 0 0 1 6 15.4zM3 9.5v5M21 9.5v5",
  },
  fullscreen: {
    line: "M4 9V5.6A1.6 1.6 0 0 1 5.6 4H9M15 4h3.4A1.6 1.6 0 0 1 20 5.6V9M20 15v3.4a1.6 1.6 0 0 1-1.6 1.6H15M9 20H5.6A1.6 1.6 0 0 1 4 18.4V15",
  },
  window: {
    line: "M9 4v3.4A1.6 1.6 0 0 1 7.4 9H4M20 9h-3.4A1.6 1.6 0 0 1 15 7.4V4M15 20v-3.4a1.6 1.6 0 0 1 1.6-1.6H20M4 15h3.4A1.6 1.6 0 0 1 9 16.6V20",
  },
  back: { line: "m11.5 6.5-5.5 5.5 5.5 5.5M18.5 6.5 13 12l5.5 5.5" },
  forward: { line: "m12.5 6.5 5.5 5.5-5.5 5.5M5.5 6.5 11 12l-5.5 5.5" },
  list: { line: "M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01M9 6.5h11M9 12h11M9 17.5h7" },
  more: { line: "m9.5 6.5 5.5 5.5-5.5 5.5" },
  less: { line: "M14.5 6.5 9 12l5.5 5.5" },
  close: { line: "m7 7 10 10M17 7 7 17" },
  tick: { line: "m5 12.6 4.4 4.4L19 7.4" },
  speed: { line: "M5.6 18a8.6 8.6 0 1 1 12.8 0M12 13.5l3.4-4.6" },
  loop: {
    line: "M17 3.5 20 6.5l-3 3M4 11.5v-1a4 4 0 0 1 4-4h12M7 20.5l-3-3 3-3M20 12.5v1a4 4 0 0 1-4 4H4",
  },
  saver: { line: "M12 3.8c3.4 3.8 5.6 6.6 5.6 9.8a5.6 5.6 0 0 1-11.2 0c0-3.2 2.2-6 5.6-9.8z" },
  resume: { line: "M12 7.5V12l3 2M20.5 12a8.5 8.5 0 1 1-2.7-6.2M18.4 2.6v3.6h-3.6" },
  alert: {
    line: "M12 8.2v4.6M12 16.4v.01M10.5 4.3 2.9 17.5A1.7 1.7 0 0 0 4.4 20h15.2a1.7 1.7 0 0 0 1.5-2.5L13.5 4.3a1.7 1.7 0 0 0-3 0z",
  },
});

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @returns {SVGSVGElement} hidden from screen readers: the button has the word */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("wt-icon");
  for (const [kind, drawing] of Object.entries(DRAWN[name])) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", drawing);
    path.classList.add(kind);
    svg.append(path);
  }
  return svg;
}
