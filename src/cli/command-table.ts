import type { Command } from "./define-command.ts";

/** The groups of `sealos --help`, in their order. */
export const COMMAND_GROUPS = {
  cluster: "Cluster commands",
  remote: "Remote operation commands",
  image: "Container and image commands",
  other: "Other commands",
} as const;

/** A command's name and where it is: `--help` needs no more, so that only the command that runs is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly hidden?: boolean;
  readonly target: CommandTarget;
}

/** Either the command or the commands below it. */
export type CommandTarget =
  | { readonly kind: "command"; readonly load: () => Promise<Command> }
  | { readonly kind: "group"; readonly commands: readonly CommandEntry[] };

export interface GroupedEntry extends CommandEntry {
  readonly group: keyof typeof COMMAND_GROUPS;
}

export const COMMAND_TABLE: readonly GroupedEntry[] = [
  {
    name: "run",
    group: "cluster",
    summary: "Make a cluster out of images and hosts, or add to one",
    target: { kind: "command", load: async () => (await import("./commands/run.ts")).run },
  },
  {
    name: "apply",
    group: "cluster",
    summary: "Make a cluster what a Clusterfile says",
    target: { kind: "command", load: async () => (await import("./commands/apply.ts")).apply },
  },
  {
    name: "gen",
    group: "cluster",
    summary: "Print a Clusterfile to be edited and applied",
    target: { kind: "command", load: async () => (await import("./commands/gen.ts")).gen },
  },
  {
    name: "reset",
    group: "cluster",
    summary: "Take a cluster's hosts back to what they were",
    target: { kind: "command", load: async () => (await import("./commands/reset.ts")).reset },
  },
  {
    name: "status",
    group: "cluster",
    summary: "Show how a cluster is",
    target: { kind: "command", load: async () => (await import("./commands/status.ts")).status },
  },
  {
    name: "exec",
    group: "remote",
    summary: "Run shell lines on hosts of a cluster",
    target: { kind: "command", load: async () => (await import("./commands/exec.ts")).exec },
  },
  {
    name: "scp",
    group: "remote",
    summary: "Copy files to hosts of a cluster",
    target: { kind: "command", load: async () => (await import("./commands/scp.ts")).scp },
  },
  {
    name: "build",
    aliases: ["bud", "build-using-dockerfile"],
    group: "image",
    summary: "Build an image from a Kubefile",
    target: { kind: "command", load: async () => (await import("./commands/build.ts")).build },
  },
  {
    name: "scan",
    group: "image",
    summary: "List the container images that a context or an image needs",
    target: { kind: "command", load: async () => (await import("./commands/scan.ts")).scan },
  },
  {
    name: "lint",
    group: "image",
    summary: "Check a Kubefile and its build context",
    target: { kind: "command", load: async () => (await import("./commands/lint.ts")).lint },
  },
  {
    name: "images",
    group: "image",
    summary: "List the images of the local store",
    target: { kind: "command", load: async () => (await import("./commands/images.ts")).images },
  },
  {
    name: "inspect",
    group: "image",
    summary: "Show the configuration of an image",
    target: { kind: "command", load: async () => (await import("./commands/inspect.ts")).inspect },
  },
  {
    name: "tag",
    group: "image",
    summary: "Give an image another name",
    target: { kind: "command", load: async () => (await import("./commands/tag.ts")).tag },
  },
  {
    name: "rmi",
    group: "image",
    summary: "Remove images",
    target: { kind: "command", load: async () => (await import("./commands/rmi.ts")).rmi },
  },
  {
    name: "save",
    group: "image",
    summary: "Write images to an archive",
    target: { kind: "command", load: async () => (await import("./commands/save.ts")).save },
  },
  {
    name: "load",
    group: "image",
    summary: "Read images from an archive",
    target: { kind: "command", load: async () => (await import("./commands/load.ts")).load },
  },
  {
    name: "pull",
    group: "image",
    summary: "Copy images from registries",
    target: { kind: "command", load: async () => (await import("./commands/pull.ts")).pull },
  },
  {
    name: "push",
    group: "image",
    summary: "Copy an image to a registry",
    target: { kind: "command", load: async () => (await import("./commands/push.ts")).push },
  },
  {
    name: "copy",
    group: "image",
    summary: "Copy an image between registries, folders and archives",
    target: { kind: "command", load: async () => (await import("./commands/copy.ts")).copy },
  },
  {
    name: "login",
    group: "image",
    summary: "Log in to a registry",
    target: { kind: "command", load: async () => (await import("./commands/login.ts")).login },
  },
  {
    name: "logout",
    group: "image",
    summary: "Forget the login to a registry",
    target: { kind: "command", load: async () => (await import("./commands/logout.ts")).logout },
  },
  {
    name: "history",
    group: "image",
    summary: "Show how an image was made",
    target: { kind: "command", load: async () => (await import("./commands/history.ts")).history },
  },
  {
    name: "diff",
    group: "image",
    summary: "List the paths by which two images differ",
    target: { kind: "command", load: async () => (await import("./commands/diff.ts")).diff },
  },
  {
    name: "create",
    group: "image",
    summary: "Unpack an image to a folder",
    target: { kind: "command", load: async () => (await import("./commands/create.ts")).create },
  },
  {
    name: "merge",
    group: "image",
    summary: "Make one image out of several",
    target: { kind: "command", load: async () => (await import("./commands/merge.ts")).merge },
  },
  {
    name: "rebase",
    group: "image",
    summary: "Put an image on another base without building it",
    target: { kind: "command", load: async () => (await import("./commands/rebase.ts")).rebase },
  },
  {
    name: "manifest",
    group: "image",
    summary: "Make indexes of images of several platforms",
    target: {
      kind: "group",
      commands: [
        {
          name: "create",
          summary: "Make an index",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).create },
        },
        {
          name: "add",
          summary: "Add an image to an index",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).add },
        },
        {
          name: "annotate",
          summary: "Change what an index says about an image",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).annotate },
        },
        {
          name: "remove",
          summary: "Take an image out of an index",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).remove },
        },
        {
          name: "rm",
          summary: "Remove indexes",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).rm },
        },
        {
          name: "exists",
          summary: "Tell whether there is an index of a name",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).exists },
        },
        {
          name: "inspect",
          summary: "Print an index",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).inspect },
        },
        {
          name: "push",
          summary: "Copy an index and its images to a registry",
          target: { kind: "command", load: async () => (await import("./commands/manifest.ts")).push },
        },
      ],
    },
  },
  {
    name: "du",
    group: "image",
    summary: "Show how much space images take",
    target: { kind: "command", load: async () => (await import("./commands/store-space.ts")).du },
  },
  {
    name: "fsck",
    group: "image",
    summary: "Verify everything in the local store",
    target: { kind: "command", load: async () => (await import("./commands/fsck.ts")).fsck },
  },
  {
    name: "prune",
    group: "image",
    summary: "Remove what no image of the local store needs",
    target: { kind: "command", load: async () => (await import("./commands/store-space.ts")).prune },
  },
  {
    name: "registry",
    group: "image",
    summary: "Serve, fill and clean registries",
    target: {
      kind: "group",
      commands: [
        {
          name: "save",
          summary: "Fill a folder with images from registries",
          target: { kind: "command", load: async () => (await import("./commands/registry-copy.ts")).save },
        },
        {
          name: "sync",
          summary: "Copy all images of a registry or folder to another",
          target: { kind: "command", load: async () => (await import("./commands/registry-copy.ts")).sync },
        },
        {
          name: "copy",
          summary: "Copy one image to another registry or folder",
          target: { kind: "command", load: async () => (await import("./commands/registry-copy.ts")).copy },
        },
        {
          name: "passwd",
          summary: "Change the login of a cluster's registry, or of an htpasswd file",
          target: { kind: "command", load: async () => (await import("./commands/registry-passwd.ts")).passwd },
        },
        {
          name: "prune",
          summary: "Remove what no image needs from a registry's folder",
          target: { kind: "command", load: async () => (await import("./commands/registry-prune.ts")).prune },
        },
        {
          name: "serve",
          summary: "Serve images as a registry",
          target: {
            kind: "group",
            commands: [
              {
                name: "filesystem",
                aliases: ["fs"],
                summary: "Serve a folder as a registry",
                target: {
                  kind: "command",
                  load: async () => (await import("./commands/registry-serve.ts")).serveFilesystem,
                },
              },
              {
                name: "inmem",
                summary: "Serve a registry that is in memory only",
                target: {
                  kind: "command",
                  load: async () => (await import("./commands/registry-serve.ts")).serveInMemory,
                },
              },
            ],
          },
        },
      ],
    },
  },
  {
    name: "sources",
    group: "image",
    summary: "Fetch or build what images are made of",
    target: {
      kind: "group",
      commands: [
        {
          name: "prepare",
          summary: "Fill a folder with what a sources.yaml names",
          target: { kind: "command", load: async () => (await import("./commands/sources.ts")).prepare },
        },
        {
          name: "list",
          summary: "List where everything comes from",
          target: { kind: "command", load: async () => (await import("./commands/sources.ts")).list },
        },
        {
          name: "lock",
          summary: "Write the lock of a sources.yaml",
          target: { kind: "command", load: async () => (await import("./commands/sources.ts")).lock },
        },
      ],
    },
  },
  {
    name: "template",
    group: "other",
    summary: "Render a Helm chart or a Go template",
    target: { kind: "command", load: async () => (await import("./commands/template.ts")).template },
  },
  {
    name: "version",
    group: "other",
    summary: "Print the version",
    target: { kind: "command", load: async () => (await import("./commands/version.ts")).version },
  },
  {
    name: "env",
    group: "other",
    summary: "Print the settings that come from the environment",
    target: { kind: "command", load: async () => (await import("./commands/env.ts")).env },
  },
  {
    name: "completion",
    group: "other",
    summary: "Print the completion script for a shell",
    target: { kind: "command", load: async () => (await import("./commands/completion.ts")).completion },
  },
  {
    name: "complete",
    group: "other",
    summary: "List what can stand at a place of a command line",
    hidden: true,
    target: { kind: "command", load: async () => (await import("./commands/complete.ts")).complete },
  },
  {
    name: "docs",
    group: "other",
    summary: "Write the reference of all commands",
    hidden: true,
    target: { kind: "command", load: async () => (await import("./commands/docs.ts")).docs },
  },
];
