import type { Flag, RunInstruction, Word } from "../../kubefile/instruction.ts";
import type { Expansion } from "../apply-variables.ts";
import { atPlace, type Place } from "../place.ts";
import { ValueError } from "../value-error.ts";
import { parseMount } from "./parse-mount.ts";
import type { RunMount } from "./run-mount.ts";

export type RunNetwork = "default" | "none" | "host";

/** The flags of RUN, variables replaced. */
export interface RunFlags {
  readonly mounts: readonly PlacedMount[];
  /** Undefined: what the build says. */
  readonly network: RunNetwork | undefined;
}

export interface PlacedMount {
  readonly mount: RunMount;
  readonly place: Place;
}

/** @throws {KubefileError} for a value that a flag cannot have */
export function readRunFlags(
  { flags }: RunInstruction,
  { expansion, place }: { expansion: Expansion; place: Place },
): RunFlags {
  const placeOf = ({ span }: Flag): Place => ({ ...place, span });
  const read = <T>(name: string, parse: (word: Word) => T): readonly { value: T; place: Place }[] =>
    flags.flatMap((flag) => {
      const { value } = flag;
      if (flag.name !== name || !value) return [];
      return [{ place: placeOf(flag), value: atPlace(placeOf(flag), () => parse(value)) }];
    });
  read("security", ({ text }) => checkSecurity(text));
  read("device", refuseDevice);
  return {
    mounts: read("mount", ({ text }) => parseMount(text, expansion)).map(({ value, ...rest }) => ({
      ...rest,
      mount: value,
    })),
    network: read("network", ({ text }) => parseNetwork(text))[0]?.value,
  };
}

/** @throws {ValueError} */
export function parseNetwork(text: string): RunNetwork {
  if (text === "default" || text === "none" || text === "host") return text;
  throw new ValueError(`expected default, none or host, found "${text}"`);
}

function checkSecurity(text: string): void {
  if (text === "sandbox") return;
  throw new ValueError(
    text === "insecure"
      ? "commands never get more rights than the sandbox gives: --security=insecure is not possible"
      : `expected sandbox, found "${text}"`,
  );
}

function refuseDevice(): never {
  throw new ValueError("commands see no devices of this machine: --device is not possible");
}
