// Rows of which only those near the screen are elements, however many there are.

/** @import { Row, RowElement } from "./types.d.ts" */

const MARGIN = 400; // pixels above and below the screen

/** @template {Row} R */
export class Scroller {
  /**
   * `paint(row)` makes the element of a row, which then has it as its `row`; `guess(row)` is its
   * likely height in pixels.
   * @param {HTMLElement} box
   * @param {(row: R) => HTMLElement} paint
   * @param {(row: R) => number} guess
   */
  constructor(box, paint, guess) {
    this.box = box;
    this.paint = paint;
    this.guess = guess;
    /** @type {R[]} */
    this.rows = [];
    this.tops = new Float64Array(1);
    /** @type {Map<number, RowElement<R>>} */
    this.shown = new Map(); // index -> element
    this.sheet = document.createElement("div");
    this.sheet.className = "sheet";
    box.append(this.sheet);
    this.waiting = false;
    this.width = box.clientWidth; // kept, because asking makes the browser lay out the whole page
    box.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(box);
  }

  /**
   * Show other rows; the first `head` of them and the last `tail` look as they did.
   * @param {R[]} rows
   */
  set(rows, head = 0, tail = 0) {
    const more = rows.length - this.rows.length;
    /** @param {number} index */
    const placeNow = (index) => {
      if (index < head) return index;
      return index < this.rows.length - tail ? undefined : index + more;
    };
    this.rows.forEach(({ height }, index) => {
      const to = placeNow(index);
      if (to !== undefined) rows[to].height = height;
    });
    const before = [...this.shown];
    this.shown.clear();
    for (const [index, node] of before) {
      const to = placeNow(index);
      if (to === undefined) node.remove();
      else {
        node.row = rows[to];
        this.shown.set(to, node);
      }
    }
    this.rows = rows;
    for (const row of rows) row.height ??= this.guess(row);
    this.measure(0);
    this.draw();
  }

  /** Paint again what is shown. */
  repaint() {
    for (const node of this.shown.values()) node.remove();
    this.shown.clear();
    this.draw();
  }

  resized() {
    if (this.width !== this.box.clientWidth) {
      this.width = this.box.clientWidth;
      for (const row of this.rows) row.height = this.guess(row);
      this.measure(0);
    }
    this.draw();
  }

  /** @param {number} from */
  measure(from) {
    const { rows } = this;
    if (this.tops.length !== rows.length + 1) {
      const tops = new Float64Array(rows.length + 1);
      tops.set(this.tops.subarray(0, Math.min(this.tops.length, from + 1)));
      this.tops = tops;
    }
    for (let index = from; index < rows.length; index++) {
      this.tops[index + 1] = this.tops[index] + (rows[index].height ?? 0);
    }
    this.sheet.style.height = `${this.tops[rows.length]}px`;
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** @param {number} top */
  indexAt(top) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  draw() {
    for (let round = 0; round < 4; round++) {
      const top = this.box.scrollTop;
      const first = this.indexAt(top - MARGIN);
      const last = this.indexAt(top + this.box.clientHeight + MARGIN);
      this.show(first, this.rows.length ? last : -1);
      if (!this.correct(this.indexAt(top))) break;
    }
  }

  /** @type {(first: number, last: number) => void} */
  show(first, last) {
    for (const [index, node] of this.shown) {
      if (index < first || index > last) {
        node.remove();
        this.shown.delete(index);
      }
    }
    let next = null; // elements stand in the order of their rows, so that a copy of them reads well
    for (let index = last; index >= first; index--) {
      let node = this.shown.get(index);
      if (!node) {
        node = /** @type {RowElement<R>} */ (this.paint(this.rows[index]));
        node.row = this.rows[index];
        this.shown.set(index, node);
        this.sheet.insertBefore(node, next);
      }
      next = node;
    }
    this.place();
  }

  place() {
    for (const [index, node] of this.shown) {
      // Not by `top`: Chromium then takes 6 ms instead of 4 to paint an edit of 100 KB.
      node.style.transform = `translateY(${this.tops[index]}px)`;
    }
  }

  /**
   * Take the heights that rows really have; whether one was another. What is read stays there.
   * @param {number} visible
   */
  correct(visible) {
    let least = Number.POSITIVE_INFINITY;
    let above = 0;
    const heights = [...this.shown].map(([index, node]) => [index, node.offsetHeight]);
    for (const [index, height] of heights) {
      const row = this.rows[index];
      const more = height - (row.height ?? 0);
      if (Math.abs(more) < 0.5 || height === 0) continue;
      if (index < visible) above += more;
      row.height = height;
      least = Math.min(least, index);
    }
    if (least === Number.POSITIVE_INFINITY) return false;
    this.measure(least);
    this.place();
    if (above) this.box.scrollTop += above;
    return true;
  }

  /** @param {number} pixels */
  scrollBy(pixels) {
    this.box.scrollTop += pixels;
    this.draw();
  }

  /**
   * Bring a row near, so that it is an element.
   * @param {number} index
   */
  reveal(index) {
    const { box, tops } = this;
    if (tops[index + 1] < box.scrollTop || tops[index] > box.scrollTop + box.clientHeight) {
      box.scrollTop = Math.max(0, tops[index] - box.clientHeight / 3);
    }
    this.draw();
    return this.shown.get(index);
  }
}
