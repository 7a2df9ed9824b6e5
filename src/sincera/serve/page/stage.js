// What is being judged, with the face's box drawn over it.

const NAMESPACE = "http://www.w3.org/2000/svg";

export class Stage {
  constructor(root) {
    this.root = root;
    this.invitation = root.querySelector("#invitation");
    this.frame = root.querySelector("#frame");
    this.unshown = root.querySelector("#unshown");
    this.picture = root.querySelector("#picture");
    this.video = root.querySelector("#video");
    this.overlay = root.querySelector("#overlay");
    this.address = null;
    this.video.addEventListener("play", () => this.video.srcObject || this.overlay.replaceChildren());
  }

  // Shows a picture or video, or says that the browser cannot.
  async showFile(file) {
    this.clear();
    this.address = URL.createObjectURL(file);
    const shown = (await this.#asPicture()) || (await this.#asVideo());
    this.#reveal(shown ? this.frame : this.unshown);
  }

  async showCamera(stream) {
    this.clear();
    this.video.srcObject = stream;
    this.video.controls = false;
    this.video.hidden = false;
    this.frame.classList.add("mirrored");
    await this.video.play();
    this.#reveal(this.frame);
  }

  clear() {
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.pause();
    this.video.srcObject = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.picture.removeAttribute("src");
    this.picture.hidden = this.video.hidden = true;
    this.frame.classList.remove("mirrored");
    this.overlay.replaceChildren();
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    this.frame.hidden = this.unshown.hidden = true;
    this.invitation.hidden = false;
    this.root.classList.add("empty");
  }

  // box: x1 y1 x2 y2 in pixels of the upright frame, or null; kind: live, attack or other.
  drawBox(box, kind) {
    const [width, height] = this.video.hidden
      ? [this.picture.naturalWidth, this.picture.naturalHeight]
      : [this.video.videoWidth, this.video.videoHeight];
    this.overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.overlay.replaceChildren(...(box ? ["halo", kind].map((name) => rectangle(box, name)) : []));
  }

  seek(seconds) {
    if (!this.video.hidden && !this.video.srcObject) {
      this.video.pause();
      this.video.currentTime = seconds;
    }
  }

  #reveal(part) {
    this.invitation.hidden = true;
    part.hidden = false;
    this.root.classList.remove("empty");
  }

  async #asPicture() {
    this.picture.src = this.address;
    try {
      await this.picture.decode();
    } catch {
      this.picture.removeAttribute("src");
      return false;
    }
    this.picture.hidden = false;
    return true;
  }

  #asVideo() {
    return new Promise((resolve) => {
      const settle = (shown) => {
        this.video.onloadeddata = this.video.onerror = null;
        this.video.hidden = !shown;
        resolve(shown);
      };
      this.video.onloadeddata = () => settle(true);
      this.video.onerror = () => settle(false);
      this.video.controls = true;
      this.video.src = this.address;
    });
  }
}

function rectangle([left, top, right, bottom], kind) {
  const found = document.createElementNS(NAMESPACE, "rect");
  found.setAttribute("class", kind);
  const values = { x: left, y: top, width: right - left, height: bottom - top };
  for (const [name, value] of Object.entries(values)) found.setAttribute(name, value);
  return found;
}
