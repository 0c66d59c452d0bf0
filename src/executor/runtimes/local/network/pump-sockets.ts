import type { Socket } from 'node:net';

/** Resets a connection; one of the file system's sockets knows no such thing, and is closed. */
export function cut(socket: Socket): void {
  // A reset while the end is on its way is refused, and the descriptor then stays open for good, and awake.
  if (socket.writableEnded) return void socket.destroy();
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}

/** Both ways, ends one by one; what breaks on one side breaks on the other. */
export function pump(inner: Socket, outer: Socket): void {
  for (const [from, to] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    from.setNoDelay(true);
    from.pipe(to);
    from.once('error', () => cut(to));
    from.once('close', () => {
      if (!from.readableEnded || !from.writableFinished) to.destroy();
    });
  }
}
