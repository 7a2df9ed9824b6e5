// The page: what was given, what the service said of it, and what another threshold would make of that.

import { card, judge, useKey } from "./api.js";
import { openCamera, watch } from "./camera.js";
import { Chart } from "./chart.js";
import { Stage } from "./stage.js";
import { inWords, number, warningInWords } from "./words.js";

const find = (id) => document.getElementById(id);
const stage = new Stage(find("stage"));
const chart = new Chart(find("chart"), find("threshold"));

let model = null; // the service's card
let verdict = null; // the last answer
let chosen = null; // the frame of it whose box is drawn
let work = new AbortController(); // what runs: ended by the next thing that begins
let again = null; // what to do once there is a key

// ---- the service's card

async function loadCard() {
  try {
    model = await card();
  } catch (error) {
    if (error.status === 503) setTimeout(loadCard, 1000);
    return complain(error, loadCard);
  }
  hideProblem();
  const { name, version, sha256 } = model.model;
  find("model").textContent = `Model ${name} ${version}, ${sha256.slice(0, 12)}`;
  const { bytes, seconds } = model.limits;
  find("limits").textContent = `Up to ${Math.floor(bytes / 2 ** 20)} MiB; videos up to ${seconds} seconds.`;
  chart.open(model.histogram, model.threshold.value);
  find("legend").hidden = !model.histogram;
  find("low").textContent = String(chart.low);
  find("high").textContent = String(chart.high);
  fillPoints();
  show();
}

function fillPoints() {
  const select = find("point");
  const options = Object.entries(model.points).map(([name, point]) => option(name, `${name} (${number(point.value)})`));
  if (!(model.threshold.rule in model.points)) options.unshift(option("service", `the service’s (${number(model.threshold.value)})`));
  select.replaceChildren(...options, option("own", "my own, by the slider"));
  select.disabled = false;
  select.value = model.threshold.rule in model.points ? model.threshold.rule : "service";
}

function option(value, text) {
  const found = document.createElement("option");
  found.value = value;
  found.textContent = text;
  return found;
}

// ---- what is judged

async function judgeFile(file) {
  const signal = begin();
  forget();
  await stage.showFile(file);
  if (signal.aborted) return;
  find("stop").hidden = false;
  if (model && file.size > model.limits.bytes) {
    return complain(new Error(`The file holds ${Math.ceil(file.size / 2 ** 20)} MiB, more than this service takes.`));
  }
  find("verdict").classList.add("working");
  find("outcome").textContent = "Judging…";
  try {
    const found = await judge(file, signal, Boolean(model?.maps.length));
    hideProblem();
    answer(found);
  } catch (error) {
    if (error.name !== "AbortError") {
      forget();
      complain(error, () => judgeFile(file));
    }
  } finally {
    find("verdict").classList.remove("working");
  }
}

async function useCamera() {
  const signal = begin();
  forget();
  try {
    const stream = await openCamera();
    if (signal.aborted) return stream.getTracks().forEach((track) => track.stop());
    await stage.showCamera(stream);
  } catch (error) {
    return complain(error);
  }
  find("camera").setAttribute("aria-pressed", "true");
  find("stop").hidden = false;
  hideProblem();
  await watch(stage.video, signal, (found, frames) => {
    hideProblem();
    answer(found, frames);
  }, (error) => {
    complain(error, useCamera);
    return error.status === 0 || error.status === 503 || error.status === 504;
  });
}

function begin() {
  work.abort();
  work = new AbortController();
  find("camera").setAttribute("aria-pressed", "false");
  hideProblem();
  return work.signal;
}

function stop() {
  begin();
  stage.clear();
  forget();
  find("stop").hidden = true;
  find("verdict").classList.remove("working");
}

// ---- what is shown

function answer(found, rolling = 0) {
  verdict = { ...found, rolling };
  const scored = found.frames.filter((frame) => frame.score !== null);
  chosen = scored[0] ?? found.frames[0] ?? null;
  if (found.frames.length > 1) stage.seek(chosen.time ?? 0);
  show();
}

function forget() {
  verdict = chosen = null;
  show();
}

// The outcome at the slider's threshold; the service's own where nothing was scored, or at its own threshold.
function outcomeAt(score, own) {
  if (score === null) return own;
  if (chart.threshold !== model.threshold.value) return score > chart.threshold ? "attack" : "live";
  const [low, high] = model.bounds ?? [chart.threshold, chart.threshold];
  if (score > high) return "attack";
  return score <= low ? "live" : "uncertain";
}

function show() {
  const outcome = verdict && model ? outcomeAt(verdict.score, verdict.outcome) : verdict?.outcome ?? null;
  const words = outcome ? inWords(outcome) : null;
  setText(find("outcome"), words?.title ?? "Nothing judged yet");
  setText(find("meaning"), words ? words.meaning + basis() : "The verdict, its score and what it rests on appear here.");
  find("verdict").dataset.outcome = words?.kind ?? "none";
  find("score").textContent = verdict?.score == null ? "–" : number(verdict.score);
  if (model) {
    find("threshold-value").textContent = number(chart.threshold);
    find("threshold").setAttribute("aria-valuetext", `attack above ${number(chart.threshold)}`);
    chart.mark(verdict?.score ?? null);
    find("chart-words").textContent = costInWords();
  }
  showWarnings();
  showFrames();
  showMaps();
  showDetails();
  stage.drawBox(chosen?.box ?? null, words?.kind ?? "other");
}

function basis() {
  if (verdict.score === null) return "";
  if (verdict.rolling) return ` Mean of the last ${verdict.rolling} frame${verdict.rolling === 1 ? "" : "s"}.`;
  if (model && chart.threshold !== model.threshold.value) return ` By your threshold; the service itself answered “${inWords(verdict.outcome).title}”.`;
  return "";
}

function costInWords() {
  const cost = chart.cost();
  if (!cost) return `Threshold by ${model.threshold.rule}, fitted on ${model.threshold.fitted_on}.`;
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  return `At this threshold ${percent(cost.lives)} of the calibration’s lives are taken for attacks, and ${percent(cost.attacks)} of its attacks for live. Elsewhere it will differ.`;
}

function showWarnings() {
  const warnings = verdict?.warnings ?? [];
  find("warnings").hidden = !warnings.length;
  const texts = warnings.map(warningInWords);
  if (texts.join() !== [...find("warnings").children].map((item) => item.textContent).join()) {
    find("warnings").replaceChildren(...texts.map((text) => element("li", text)));
  }
}

function showFrames() {
  const frames = verdict?.frames ?? [];
  find("frames-block").hidden = frames.length < 2;
  if (frames.length < 2) return find("frames").replaceChildren();
  find("frames").replaceChildren(...frames.map((frame) => {
    const button = element("button", frame.score === null ? "–" : number(frame.score));
    const words = inWords(outcomeAt(frame.score, frame.outcome));
    button.type = "button";
    button.className = words.kind;
    button.setAttribute("aria-current", String(frame === chosen));
    button.append(element("small", frame.time === null ? `no. ${frame.index}` : `${frame.time.toFixed(1)} s`));
    button.setAttribute("aria-label", `Frame ${frame.index}: ${words.title}`);
    button.addEventListener("click", () => choose(frame));
    const item = element("li", "");
    item.append(button);
    return item;
  }));
}

// The networks' maps of the chosen frame, where the model has some: bright is high.
function showMaps() {
  const scored = verdict?.frames.filter((frame) => frame.score !== null) ?? [];
  const row = scored.indexOf(chosen);
  const maps = row < 0 ? [] : Object.entries(verdict.maps ?? {});
  find("maps-block").hidden = !maps.length;
  find("maps").replaceChildren(...maps.map(([name, frames]) => {
    const figure = element("figure", "");
    figure.append(heat(frames[row]), element("figcaption", name));
    return figure;
  }));
}

function heat(rows) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [rows[0].length, rows.length];
  const values = rows.flat();
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const pixels = values.flatMap((value) => [255 * (value - low) / span, 140 * (value - low) / span, 60, 255]);
  const image = new ImageData(Uint8ClampedArray.from(pixels), canvas.width);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function choose(frame) {
  chosen = frame;
  if (frame.time !== null) stage.seek(frame.time);
  show();
  find("frames").querySelector("[aria-current=true]")?.focus();
}

function showDetails() {
  find("details").hidden = !verdict;
  if (!verdict) return;
  const rows = Object.entries(verdict.members).map(([name, score]) => [name, number(score)]);
  rows.push(["threshold", `${verdict.threshold.rule}, fitted on ${verdict.threshold.fitted_on}`]);
  find("members").replaceChildren(...rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
  const { rolling, maps, ...plain } = verdict;
  find("json").textContent = JSON.stringify(plain, null, 1);
}

function element(name, text) {
  const found = document.createElement(name);
  found.textContent = text;
  return found;
}

// Screen readers speak a status again whenever it is written: only where it changes.
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function complain(error, retry = null) {
  if (error.status === 401) {
    again = retry;
    find("key-form").hidden = false;
    find("key").focus();
    if (!find("key").value) return;
  }
  find("problem").textContent = error.message;
  find("problem").hidden = false;
}

function hideProblem() {
  find("problem").hidden = true;
}

// ---- hands

find("choose").addEventListener("click", () => find("file").click());
find("stage").addEventListener("click", () => find("stage").classList.contains("empty") && find("file").click());
find("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = ""; // the same file may be chosen again
  if (file) judgeFile(file);
});
find("camera").addEventListener("click", useCamera);
find("stop").addEventListener("click", stop);
find("threshold").addEventListener("input", () => {
  chart.moved();
  find("point").value = "own";
  show();
});
find("point").addEventListener("change", (event) => {
  const point = event.target.value === "service" ? model.threshold : model.points[event.target.value];
  if (point) chart.set(point.value);
  show();
});
find("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(find("key").value);
  find("key-form").hidden = true;
  if (!model) loadCard();
  if (again && again !== loadCard) again();
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    find("stage").classList.toggle("dragged", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) judgeFile(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => {
  const [file] = event.clipboardData.files;
  if (file) judgeFile(file);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "o") find("file").click();
  if (event.key === "w") useCamera();
  if (event.key === "Escape" && !find("stop").hidden) stop();
});

loadCard();
