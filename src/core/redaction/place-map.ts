/** Pieces kept before those that are no longer needed are dropped. */
const MANY = 4096;

/**
 * From places among the bytes that a text means to places among the bytes that were written. Stretches where both go
 * side by side are one piece.
 */
export class PlaceMap {
  /** By piece: where it begins among what is meant and what was written, and where it ends in the latter. */
  private meant: number[] = [];
  private written: number[] = [];
  private ends: number[] = [];
  private dropAt = MANY;
  /** How many bytes were meant so far. */
  length = 0;

  /** So many bytes meant are written from one absolute place to another. */
  put(bytes: number, from: number, to: number): void {
    const last = this.meant.length - 1;
    const plain = to - from === bytes;
    if (plain && last >= 0 && this.ends[last] === from && this.sideBySide(last) === from) {
      this.ends[last] = to;
    } else {
      this.meant.push(this.length);
      this.written.push(from);
      this.ends.push(to);
    }
    this.length += bytes;
  }

  /** What was written last reaches further, over what means nothing. */
  extend(from: number, to: number): void {
    const last = this.meant.length - 1;
    if (last >= 0 && this.ends[last] === from) this.ends[last] = to;
  }

  /** Where a byte meant begins among those written. */
  startOf(place: number): number {
    const piece = this.pieceOf(place);
    return (this.written[piece] ?? 0) + place - (this.meant[piece] ?? 0);
  }

  /** Where a byte meant ends among those written. */
  endOf(place: number): number {
    const piece = this.pieceOf(place);
    const next = this.meant[piece + 1] ?? this.length;
    return place === next - 1 ? (this.ends[piece] ?? 0) : this.startOf(place) + 1;
  }

  /** Nothing before a place is asked for any more. */
  forget(place: number): void {
    if (this.meant.length < this.dropAt) return;
    const first = Math.max(0, this.pieceOf(place));
    this.meant = this.meant.slice(first);
    this.written = this.written.slice(first);
    this.ends = this.ends.slice(first);
    this.dropAt = MANY + 2 * this.meant.length;
  }

  private sideBySide(piece: number): number {
    return (this.written[piece] ?? 0) + this.length - (this.meant[piece] ?? 0);
  }

  /** Index of the last piece that does not begin after a place. */
  private pieceOf(place: number): number {
    let [low, high] = [0, this.meant.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.meant[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
