/** Times as people write them: `1:05`, `1:02:33`, `1h2m3s`, `90`. */

/** @param {number} seconds @returns {string} `m:ss`, or `h:mm:ss` from an hour on */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * Read a time written as `90`, `90.5`, `90s`, `1m30s`, `1h2m3s` or `1:30`.
 *
 * @param {string} text
 * @returns {number | null} seconds, null if it is no time
 */
export function parseTime(text) {
  if (/^\d+(:\d{1,2}){1,2}$/.test(text)) {
    return text.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  }
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  if (!text || !match) return null;
  const [, h = "0", m = "0", s = "0"] = match;
  return Number(h) * 3600 + Number(m) * 60 + Number(s);
}

/**
 * The start asked for in the page's address: `#t=90` before `?t=1m30s`.
 *
 * @param {Pick<Location, "hash" | "search">} location
 * @returns {number | null} seconds
 */
export function startIn({ hash, search }) {
  for (const part of [hash.slice(1), search]) {
    const asked = new URLSearchParams(part).get("t");
    const time = asked === null ? null : parseTime(asked.trim());
    if (time !== null) return time;
  }
  return null;
}
