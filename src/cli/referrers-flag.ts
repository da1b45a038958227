import type { FlagSpecs } from "./flag.ts";

/** Of commands that copy images: what is said about an image goes with it unless the user says otherwise. */
export const REFERRERS_FLAG = {
  "no-referrers": { type: "boolean", help: "Leave signatures and what else refers to the image" },
  "remove-signatures": { type: "boolean", hidden: true, help: "As --no-referrers" },
} as const satisfies FlagSpecs;

export function wantsReferrers(flags: {
  readonly "no-referrers": boolean;
  readonly "remove-signatures": boolean;
}): boolean {
  return !flags["no-referrers"] && !flags["remove-signatures"];
}
