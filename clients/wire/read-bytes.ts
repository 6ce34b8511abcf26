import type { Readable } from 'node:stream';

/** Exactly `count` (> 0) bytes of a paused stream; undefined if it ends, breaks or is destroyed before. */
export async function readBytes(stream: Readable, count: number): Promise<Buffer | undefined> {
  // Most of the time they have come already, and to listen costs more than to read.
  const there: Buffer | null =
    stream.readableLength >= count && !stream.destroyed ? stream.read(count) : null;
  if (there) return there;
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'];
    const settle = (result: Buffer | undefined) => {
      for (const event of events) stream.off(event, attempt);
      resolve(result);
    };
    const attempt = () => {
      const chunk: Buffer | null = stream.destroyed ? null : stream.read(count);
      // At its end a stream hands out what is left, be it less.
      if (chunk) settle(chunk.length === count ? chunk : undefined);
      else if (stream.destroyed || stream.readableEnded) settle(undefined);
    };
    // Kept until all is there: a new listener is told at once of a part that is too short, again and again.
    for (const event of events) stream.on(event, attempt);
    attempt();
  });
}
