/** The last picture stays on the screen while the source behind it changes. */

const LONGEST = 4_000; // ms

/** @param {HTMLVideoElement} video @param {AbortSignal} signal */
export function freeze(video, signal) {
  if (!video.videoWidth || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
  const still = document.createElement("canvas");
  [still.width, still.height] = [video.videoWidth, video.videoHeight];
  still.getContext("2d")?.drawImage(video, 0, 0);
  still.className = "wt-still";
  still.setAttribute("aria-hidden", "true");
  still.setAttribute("noautohide", "");
  video.after(still);
  const clear = () => still.remove();
  const ready = () => video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && clear();
  video.addEventListener("playing", clear, { once: true, signal });
  video.addEventListener("seeked", ready, { once: true, signal });
  setTimeout(clear, LONGEST);
}
