/** What a `--mount` of RUN puts into the command's file system; nothing of it gets into the image. */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

/** A file or folder of the context, a stage or an image; what is written there is thrown away. */
export interface BindMount {
  readonly type: "bind";
  /** As written: relative ones are relative to WORKDIR. */
  readonly target: string;
  /** In `from`; its root is the empty string. */
  readonly source: string;
  /** Undefined: the build context. */
  readonly from: string | undefined;
  readonly isWritable: boolean;
}

/** A folder that builds keep between them. */
export interface CacheMount {
  readonly type: "cache";
  readonly target: string;
  readonly id: string;
  /** Where its first content comes from; undefined: it begins empty. */
  readonly from: string | undefined;
  readonly source: string;
  readonly isWritable: boolean;
  readonly sharing: CacheSharing;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What happens when two commands want the same cache: both use it, the second gets another one, or it waits. */
export type CacheSharing = "shared" | "private" | "locked";

export interface TmpfsMount {
  readonly type: "tmpfs";
  readonly target: string;
  /** Undefined: what the system gives. */
  readonly sizeBytes: number | undefined;
}

export interface SecretMount {
  readonly type: "secret";
  readonly id: string;
  /** Undefined: there is a variable only. */
  readonly target: string | undefined;
  /** The variable that has its value. */
  readonly variable: string | undefined;
  readonly isRequired: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface SshMount {
  readonly type: "ssh";
  readonly id: string;
  /** Of the socket; undefined: one of the builder's choice. */
  readonly target: string | undefined;
  readonly isRequired: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}
