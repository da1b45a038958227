import { KnownError, systemCode } from "./error.ts";

const FULL_CODES = ["ENOSPC", "EDQUOT"];

/** True for the system's error when there is no room for what is written. */
export function isDiskFull(error: unknown): boolean {
  return FULL_CODES.includes(systemCode(error) ?? "");
}

/**
 * Runs work that writes `path` or something below it.
 * @throws {KnownError} DISK_FULL when there is no room for it; other errors pass unchanged.
 */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new KnownError("DISK_FULL", `Cannot write "${path}": no space is left on its file system`, {
      hint: "Free space there, then run the same command again",
      cause: error,
    });
  }
}
