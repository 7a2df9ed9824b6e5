// The webcam: one frame after another to the service, and a rolling answer.

import { judge } from "./api.js";

const QUALITY = 0.95;
const FRAMES = 8; // that the rolling score is the mean of
const PAUSE = 120; // milliseconds between two questions: the service has other guests

export async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This browser gives no camera to pages that come without HTTPS, except from localhost.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" },
      audio: false,
    });
  } catch (error) {
    const why = error.name === "NotAllowedError" ? "the browser was not allowed to use it" : error.message;
    throw new Error(`No camera: ${why}.`);
  }
}

// Asks until the signal ends it.  told(verdict): a verdict as the service gives them, its score the mean of the last
// frames; a frame without a score starts anew, so that an old face never answers for a new one.
export async function watch(video, signal, told, failed) {
  const canvas = document.createElement("canvas");
  const last = [];
  while (!signal.aborted) {
    try {
      const bytes = await still(video, canvas);
      if (bytes) {
        const verdict = await judge(bytes, signal);
        if (verdict.score === null) last.length = 0;
        else last.push(verdict.score);
        if (last.length > FRAMES) last.shift();
        const score = last.length ? last.reduce((sum, one) => sum + one, 0) / last.length : null;
        if (!signal.aborted) told({ ...verdict, score }, last.length);
      }
      await sleep(PAUSE);
    } catch (error) {
      if (signal.aborted || error.name === "AbortError") return;
      if (!failed(error)) return;
      last.length = 0;
      await sleep(1000 * Math.max(1, error.retryAfter ?? 1));
    }
  }
}

function still(video, canvas) {
  if (!video.videoWidth) return null;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
