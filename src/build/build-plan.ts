import type { Compression } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import type { CopyInstruction, FromInstruction, Instruction, RunInstruction } from "../kubefile/instruction.ts";
import type { Escape } from "../kubefile/logical-line.ts";
import type { Source } from "../kubefile/source.ts";
import type { ArgumentSources } from "./variables.ts";

/** What a build will do, as data: made without I/O from a Kubefile and the options. */
export interface BuildPlan {
  readonly source: Source;
  readonly escape: Escape;
  /** Only what the target needs, in the order of the file; the last one is the target. */
  readonly stages: readonly StagePlan[];
  readonly arguments: ArgumentSources;
  readonly platform: Platform;
  /** Time of everything in the image, in seconds since 1970. */
  readonly epoch: number;
  /** Of the layers that are made. */
  readonly compression: Compression;
  /** Applied after all instructions, see {@link PlanOptions}. */
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Names of variables that the image does not get. */
  readonly unsetEnvironment: readonly string[];
  /** Of the documents: OCI's media types or Docker's. */
  readonly format: ImageFormat;
  /** All layers in one, with those of the base image. */
  readonly squash: boolean;
  readonly omitHistory: boolean;
  readonly osVersion: string | undefined;
  readonly osFeatures: readonly string[];
  /** Canonical names that the image gets. */
  readonly names: readonly string[];
  /** What the user may want to know about the input. */
  readonly notes: readonly string[];
}

export type ImageFormat = "oci" | "docker";

export interface StagePlan {
  /** Position in the file, from 0. */
  readonly index: number;
  readonly name: string | undefined;
  readonly instruction: FromInstruction;
  readonly base: StageBase;
  readonly platform: Platform;
  readonly steps: readonly BuildStep[];
}

export type StageBase =
  | { readonly kind: "scratch" }
  | { readonly kind: "image"; readonly name: string }
  | { readonly kind: "stage"; readonly index: number };

export type BuildStep =
  | { readonly op: "configure"; readonly instruction: ConfigInstruction }
  | { readonly op: "add-layer"; readonly instruction: CopyInstruction; readonly from: CopyOrigin }
  | {
      readonly op: "run";
      readonly instruction: RunInstruction;
      /** What `from=` of its mounts means, by its value. */
      readonly origins: ReadonlyMap<string, CopyOrigin>;
    };

export type RunStep = Extract<BuildStep, { op: "run" }>;

/** Where COPY takes its sources from. */
export type CopyOrigin =
  | { readonly kind: "context" }
  | { readonly kind: "build-context"; readonly name: string }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly name: string };

export type ConfigInstruction = Exclude<Instruction, FromInstruction | CopyInstruction | RunInstruction>;

export interface PlanOptions {
  /** Name or index of the stage to build; default the last one. */
  readonly target?: string | undefined;
  /** `--build-arg`. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** What the image is for. */
  readonly platform: Platform;
  /** What this machine is; default `platform`. */
  readonly buildPlatform?: Platform;
  /** Names of additional contexts for `COPY --from`. */
  readonly buildContexts?: readonly string[];
  /** Names that stand for other images in FROM and `COPY --from`. */
  readonly imageContexts?: Readonly<Record<string, string>> | undefined;
  /** `--label`: wins over LABEL, taken as it is. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `--env`: wins over ENV; values may use variables of the image. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `--unsetenv`: comes last. */
  readonly unsetEnvironment?: readonly string[];
  /** Default `oci`. */
  readonly format?: ImageFormat | undefined;
  readonly squash?: boolean;
  readonly omitHistory?: boolean;
  /** Default: those of the base image. */
  readonly osVersion?: string | undefined;
  readonly osFeatures?: readonly string[];
  /** `--from`: takes the place of the image of the first FROM. */
  readonly baseImage?: string | undefined;
  /** Also those before the target that it does not need. */
  readonly keepsUnusedStages?: boolean;
  /** Canonical names that the image gets; default none. */
  readonly names?: readonly string[];
  /** SOURCE_DATE_EPOCH: time of everything in the image, in seconds since 1970; default 0. */
  readonly epoch?: number | undefined;
  /** Of the layers that are made; default `none`: they travel by file, and containers are seldom made of them. */
  readonly compression?: Compression | undefined;
}
