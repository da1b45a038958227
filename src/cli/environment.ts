import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Settings } from "./settings.ts";

/** What a command gets of the machine and the user it runs for. */
export interface Environment {
  readonly settings: Settings;
  /** Of sealos. */
  readonly version: string;
  readonly now: () => Date;
  /** Asks the user for one line. Absent when there is no terminal to ask on. */
  readonly ask: ((ctx: Context, question: string) => Promise<string>) | undefined;
  /** What is piped into the program. */
  readonly stdin: () => Bytes;
  /** Writes bytes to standard output, in place of a result. Absent on a terminal. */
  readonly writeOutput?: ((content: Bytes) => Promise<void>) | undefined;
  /** Keeps something open until the command has ended, however it ends. */
  readonly closeAtEnd: (resource: AsyncDisposable) => void;
}
