export const SLAB_BYTES = 1024 * 1024;
export const RING_SLABS = 16;

const PRODUCED = 0;
const CONSUMED = 1;
const LENGTHS = 2;
const CONTROL_BYTES = 128;

/** Memory that one thread fills and another one hashes: a control block, then the slabs in a ring. */
export class HashRing {
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;

  constructor(memory = new SharedArrayBuffer(CONTROL_BYTES + RING_SLABS * SLAB_BYTES)) {
    this.memory = memory;
    this.#control = new Int32Array(memory, 0, LENGTHS + RING_SLABS);
  }

  /** How many slabs are filled and not hashed yet. */
  get pending(): number {
    return Atomics.load(this.#control, PRODUCED) - Atomics.load(this.#control, CONSUMED);
  }

  /** The slab to fill next. Only while `pending` is less than all of them. */
  next(): Buffer {
    return this.#slab(Atomics.load(this.#control, PRODUCED), SLAB_BYTES);
  }

  /** Hands over the slab that `next` gave. Zero bytes mean the end. */
  publish(length: number): void {
    Atomics.store(this.#control, LENGTHS + (Atomics.load(this.#control, PRODUCED) % RING_SLABS), length);
    Atomics.add(this.#control, PRODUCED, 1);
    Atomics.notify(this.#control, PRODUCED);
  }

  /** Resolves when a slab is free, without blocking the thread. */
  async free(): Promise<void> {
    while (this.pending === RING_SLABS) {
      const consumed = Atomics.load(this.#control, CONSUMED);
      if (this.pending < RING_SLABS) return;
      await Atomics.waitAsync(this.#control, CONSUMED, consumed).value;
    }
  }

  /** The oldest filled slab, waiting for it if `blocking`; undefined when there is none or at the end. */
  peek(blocking: boolean): Buffer | undefined {
    const consumed = Atomics.load(this.#control, CONSUMED);
    if (this.pending === 0 && !blocking) return undefined;
    while (this.pending === 0) Atomics.wait(this.#control, PRODUCED, consumed);
    const length = Atomics.load(this.#control, LENGTHS + (consumed % RING_SLABS));
    return length === 0 ? undefined : this.#slab(consumed, length);
  }

  /** Gives the slab that `peek` returned back. */
  release(): void {
    Atomics.add(this.#control, CONSUMED, 1);
    Atomics.notify(this.#control, CONSUMED);
  }

  #slab(index: number, length: number): Buffer {
    return Buffer.from(this.memory, CONTROL_BYTES + (index % RING_SLABS) * SLAB_BYTES, length);
  }
}
