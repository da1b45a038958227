import { open, readFile } from "node:fs/promises";

import { InputError } from "../base/error.ts";
import type { FileRange } from "./transport.ts";

const REPORT_INTERVAL_MS = 200;

/** An open file that another process reads, by its descriptor. */
export interface OpenRange {
  readonly descriptor: number;
  readonly offset: number;
  readonly length: number;
  readonly isWholeFile: boolean;
  /** Reports the last position and closes the file. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the file and reports how far its reader is: a descriptor that was handed over shares its position with ours.
 * @throws {InputError} when the file is shorter than the range.
 */
export async function openRange(
  { path, offset, length }: FileRange,
  onSent: (sizeBytes: number) => void,
): Promise<OpenRange> {
  const file = await open(path, "r");
  const { size } = await file.stat();
  if (offset + length > size) {
    await file.close();
    const found = `it has ${size} bytes, expected at least ${offset + length}`;
    throw new InputError(`Cannot send a part of "${path}": ${found}`);
  }
  let reportedBytes = 0;
  const report = async (): Promise<void> => {
    const sentBytes = Math.min(length, (await positionOf(file.fd)) - offset);
    if (sentBytes <= reportedBytes) return;
    reportedBytes = sentBytes;
    onSent(sentBytes);
  };
  const timer = setInterval(() => void report(), REPORT_INTERVAL_MS);
  return {
    descriptor: file.fd,
    offset,
    length,
    isWholeFile: offset === 0 && length === size,
    close: async () => {
      clearInterval(timer);
      await report();
      await file.close();
    },
  };
}

async function positionOf(descriptor: number): Promise<number> {
  try {
    return Number(/^pos:\s*(\d+)/.exec(await readFile(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // no such report on this system: progress stays unknown
  }
}
