export const ROOT = 0;

const BYTE = 0xff;
/** Set on a state that hangs from the state with the number before. */
const FOLLOWS = 0x100;
/** Set on a state in which a pattern ends. */
const ENDS = 0x200;

/**
 * The prefixes of a growing set of byte patterns, as states with numbers. Most states have one child, which has the
 * next number: such a state takes two bytes. Only where patterns part is there an entry in a table.
 */
export class ByteTrie {
  /** By state: its byte and flags. */
  private cells = new Uint16Array(1024);
  private states = 1;
  /** The states that do not follow the one before, in order; what they hang from, and how deep they are. */
  private heads = new Int32Array(64);
  private parents = new Int32Array(64);
  private headDepths = new Int32Array(64);
  private headCount = 0;
  /** Open addressing: parent and child in turn, at most half full. */
  private edges = new Int32Array(256);

  /** Whether the pattern was not there yet; one that is empty never is. */
  add(pattern: Uint8Array): boolean {
    let state = ROOT;
    let depth = 0;
    for (; depth < pattern.length; depth += 1) {
      const to = this.child(state, pattern[depth] ?? 0);
      if (to === ROOT) break;
      state = to;
    }
    for (; depth < pattern.length; depth += 1) state = this.grow(state, depth + 1, pattern[depth] ?? 0);
    if (state === ROOT || this.ends(state)) return false;
    this.cells[state] = (this.cells[state] ?? 0) | ENDS;
    return true;
  }

  /** The state that a byte leads to; the root where there is none. */
  child(state: number, byte: number): number {
    if (((this.cells[state + 1] ?? 0) & (FOLLOWS | BYTE)) === (FOLLOWS | byte)) return state + 1;
    const { edges } = this;
    for (let slot = this.slotOf(state, byte); ; slot = (slot + 2) & (edges.length - 1)) {
      const to = edges[slot + 1] ?? ROOT;
      if (to === ROOT || (edges[slot] === state && this.byte(to) === byte)) return to;
    }
  }

  /** The byte that leads to a state. */
  byte(state: number): number {
    return (this.cells[state] ?? 0) & BYTE;
  }

  /** Whether a pattern ends in this state. */
  ends(state: number): boolean {
    return ((this.cells[state] ?? 0) & ENDS) !== 0;
  }

  /** The state that another one hangs from. */
  parent(state: number): number {
    if (((this.cells[state] ?? 0) & FOLLOWS) !== 0) return state - 1;
    return this.parents[this.headOf(state)] ?? ROOT;
  }

  /** The number of bytes that lead to a state. */
  depth(state: number): number {
    if (state === ROOT) return 0;
    const head = this.headOf(state);
    return (this.headDepths[head] ?? 0) + state - (this.heads[head] ?? 0);
  }

  /** How many states there are, the root among them. */
  get size(): number {
    return this.states;
  }

  /** Makes a child, which is at this depth. */
  private grow(parent: number, depth: number, byte: number): number {
    // One cell more than there are states: `child` looks at the one behind the last.
    if (this.states + 1 >= this.cells.length)
      this.cells = withRoom(this.cells, new Uint16Array(this.cells.length * 2));
    const state = this.states;
    this.states += 1;
    // What follows the root would be taken for a child of each pattern's last state.
    const follows = parent !== ROOT && parent + 1 === state;
    this.cells[state] = follows ? byte | FOLLOWS : byte;
    if (!follows) this.hang(state, parent, depth);
    return state;
  }

  private hang(head: number, parent: number, depth: number): void {
    if (this.headCount === this.heads.length) {
      const room = (): Int32Array<ArrayBuffer> => new Int32Array(this.headCount * 2);
      this.heads = withRoom(this.heads, room());
      this.parents = withRoom(this.parents, room());
      this.headDepths = withRoom(this.headDepths, room());
    }
    this.heads[this.headCount] = head;
    this.parents[this.headCount] = parent;
    this.headDepths[this.headCount] = depth;
    this.headCount += 1;
    if (this.headCount * 4 <= this.edges.length) {
      this.putEdge(parent, head);
      return;
    }
    this.edges = new Int32Array(this.edges.length * 2);
    for (let index = 0; index < this.headCount; index += 1)
      this.putEdge(this.parents[index] ?? ROOT, this.heads[index] ?? ROOT);
  }

  private putEdge(parent: number, child: number): void {
    let slot = this.slotOf(parent, this.byte(child));
    while (this.edges[slot + 1] !== ROOT) slot = (slot + 2) & (this.edges.length - 1);
    this.edges[slot] = parent;
    this.edges[slot + 1] = child;
  }

  private slotOf(state: number, byte: number): number {
    const mixed = Math.imul(state ^ (byte << 24), 0x9e3779b1);
    return ((mixed ^ (mixed >>> 15)) << 1) & (this.edges.length - 1);
  }

  /** Index of the last head that does not come after a state. */
  private headOf(state: number): number {
    let [low, high] = [0, this.headCount - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.heads[middle] ?? 0) <= state) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function withRoom<T extends Uint16Array | Int32Array>(from: T, room: T): T {
  room.set(from);
  return room;
}
