// The calibration's histogram with threshold and score; and what a threshold would have cost there.

const WIDTH = 600;
const HEIGHT = 150;
const NAMESPACE = "http://www.w3.org/2000/svg";

export class Chart {
  constructor(svg, slider) {
    this.svg = svg;
    this.slider = slider;
    this.edges = [0, 1];
    this.counts = null;
    this.score = null;
  }

  // histogram: {edges, live, attack} or null; threshold: the service's own.
  open(histogram, threshold) {
    this.edges = histogram?.edges ?? [Math.min(0, threshold), Math.max(1, threshold)];
    this.counts = histogram;
    this.slider.min = this.low;
    this.slider.max = this.high;
    this.slider.step = "any";
    this.slider.disabled = false;
    this.set(threshold);
  }

  get low() { return this.edges[0]; }
  get high() { return this.edges[this.edges.length - 1]; }
  get threshold() { return this.exact; }

  // A range input rounds what it is given: the exact threshold is kept beside it until the slider is moved.
  set(threshold) {
    this.exact = threshold;
    this.slider.value = threshold;
    this.draw();
  }

  moved() {
    this.exact = Number(this.slider.value);
    this.draw();
  }

  mark(score) {
    this.score = score;
    this.draw();
  }

  draw() {
    const parts = [];
    if (this.counts) {
      for (const kind of ["live", "attack"]) parts.push(...this.#bars(kind));
    }
    parts.push(line("axis", 0, WIDTH, HEIGHT, HEIGHT));
    const at = this.#x(this.exact);
    parts.push(line("threshold", at, at, 0, HEIGHT));
    if (this.score !== null) {
      const x = this.#x(this.score);
      parts.push(line("score", x, x, HEIGHT * 0.25, HEIGHT));
    }
    this.svg.replaceChildren(...parts);
  }

  // Shares of the calibration on the wrong side, or null without a histogram.
  cost() {
    if (!this.counts) return null;
    return { lives: this.#above("live"), attacks: 1 - this.#above("attack") };
  }

  // Heights go by the square root, so that a few attacks among many lives can be seen.
  #bars(kind) {
    const total = sum(this.counts[kind]) || 1;
    const highest = Math.max(...["live", "attack"].map((one) => Math.max(...this.counts[one]) / (sum(this.counts[one]) || 1)));
    return this.counts[kind].flatMap((count, bin) => {
      if (!count) return [];
      const height = Math.sqrt(count / total / highest) * (HEIGHT - 6);
      const x = this.#x(this.edges[bin]);
      const bar = element("rect");
      bar.setAttribute("class", kind);
      bar.setAttribute("x", x);
      bar.setAttribute("width", Math.max(1, this.#x(this.edges[bin + 1]) - x - 0.6));
      bar.setAttribute("y", HEIGHT - height);
      bar.setAttribute("height", height);
      return [bar];
    });
  }

  // Share of a class above the threshold; a bin that it cuts counts by the part above.
  #above(kind) {
    const counts = this.counts[kind];
    const above = counts.reduce((found, count, bin) => {
      const [left, right] = [this.edges[bin], this.edges[bin + 1]];
      return found + count * Math.min(1, Math.max(0, (right - this.exact) / (right - left)));
    }, 0);
    return above / (sum(counts) || 1);
  }

  #x(value) {
    const share = (value - this.low) / (this.high - this.low);
    return Math.min(1, Math.max(0, share)) * WIDTH;
  }
}

function line(kind, x1, x2, y1, y2) {
  const found = element("line");
  found.setAttribute("class", kind);
  for (const [name, value] of Object.entries({ x1, x2, y1, y2 })) found.setAttribute(name, value);
  return found;
}

function element(name) {
  return document.createElementNS(NAMESPACE, name);
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
