import type { InstructionKind } from "./instruction.ts";

/** The language's flags, instruction by instruction; a value says whether one must be given. */
export const FLAGS: Readonly<Record<InstructionKind, Readonly<Record<string, "value" | "boolean">>>> = {
  FROM: { platform: "value" },
  ARG: {},
  ENV: {},
  LABEL: {},
  COPY: { from: "value", chown: "value", chmod: "value", link: "boolean", parents: "boolean", exclude: "value" },
  ADD: {
    chown: "value",
    chmod: "value",
    link: "boolean",
    parents: "boolean",
    exclude: "value",
    checksum: "value",
    "keep-git-dir": "boolean",
    unpack: "boolean",
  },
  WORKDIR: {},
  USER: {},
  STOPSIGNAL: {},
  MAINTAINER: {},
  EXPOSE: {},
  VOLUME: {},
  CMD: {},
  ENTRYPOINT: {},
  SHELL: {},
  RUN: { mount: "value", network: "value", security: "value", device: "value" },
  HEALTHCHECK: {
    interval: "value",
    timeout: "value",
    retries: "value",
    "start-period": "value",
    "start-interval": "value",
  },
  ONBUILD: {},
};

/** Flags that may be given more than once. */
export const REPEATABLE_FLAGS: ReadonlySet<string> = new Set(["mount", "exclude", "device"]);

export const KEYWORDS: readonly string[] = Object.keys(FLAGS);

export function isKeyword(word: string): word is InstructionKind {
  return Object.hasOwn(FLAGS, word);
}
