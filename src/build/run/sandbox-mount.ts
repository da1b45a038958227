/** A place in the command's file system that does not belong to the image. Targets have no links. */
export type SandboxMount =
  | { readonly kind: "tmpfs"; readonly target: string; readonly options: string }
  | BindMountPoint;

export interface BindMountPoint {
  readonly kind: "bind";
  /** On this machine, or relative to the sandbox's folder. */
  readonly source: string;
  readonly target: string;
  readonly isFolder: boolean;
  readonly isWritable: boolean;
  /** What the source is given before. */
  readonly access?: Access | undefined;
}

export interface Access {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A secret for a command. Its value comes through a pipe into memory: no disk and no list of processes has it. */
export interface SandboxSecret {
  readonly content: Uint8Array;
  readonly access: Access;
  /** The variable that has it too. */
  readonly variable: string | undefined;
}

/** The n-th secret, relative to the sandbox's folder. */
export function secretPath(index: number): string {
  return `secrets/${index}`;
}
