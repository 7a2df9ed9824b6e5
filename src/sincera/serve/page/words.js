// What outcomes and warnings mean, for people.

const OUTCOMES = {
  live: ["Live", "It looks like a person in front of the camera."],
  attack: ["Attack", "It looks like a picture, a screen or a mask held before the camera."],
  uncertain: ["Uncertain", "The score lies between the two operating points: take another picture."],
  no_face: ["No face", "No face was found, so nothing was judged. Face the camera, in good light."],
  face_too_small: ["Face too small", "Too few pixels to judge: come closer, or send a larger picture."],
  several_faces: ["Several faces", "One person at a time, please: nothing was judged."],
};

const WARNINGS = [
  ["near the threshold", "The score lies near the threshold: other light or another angle may change the answer"],
  ["blurred", "The face is blurred: hold still, or clean the lens"],
  ["dark", "The face is dark: turn towards a light"],
  ["over-exposed", "Parts of the face are burnt out: move away from the lamp or window"],
  ["face at the border", "The face is at the edge of the picture: move to the middle"],
  ["several faces, the largest was judged", "There are several faces: the largest one was judged"],
];

export function inWords(outcome) {
  const [title, meaning] = OUTCOMES[outcome] ?? [outcome, ""];
  return { title, meaning, kind: outcome === "live" || outcome === "attack" ? outcome : "other" };
}

export function warningInWords(warning) {
  const known = WARNINGS.find(([start]) => warning.startsWith(start));
  if (!known) return `${warning[0].toUpperCase()}${warning.slice(1)}.`;
  const rest = warning.slice(known[0].length);
  return `${known[1]}${rest}.`;
}

export function number(value) {
  return value.toFixed(value > 0.001 && value < 0.999 ? 3 : 4);
}
