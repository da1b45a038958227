import type { FLAGS } from "./grammar.ts";
import type { InstructionKind } from "./instruction.ts";

/** What the reference says about an instruction; its flags come from the grammar. */
export interface InstructionReference {
  readonly summary: string;
  readonly forms: readonly string[];
  readonly rules: readonly string[];
  readonly example: string;
}

export const FLAG_HELP: Readonly<Record<string, string>> = {
  platform: "Platform of the base image",
  from: "A stage by name or number, a --build-context or an image that the files come from",
  chown: "Owner of what is copied: user, user:group, uid or uid:gid; one number is both",
  chmod: "Permission bits of what is copied: 0644, or symbolic as u=rwX,go=rX; the umask has no part in it",
  link: "The layer does not depend on those below: missing folders are made, links on the way are replaced",
  parents: "Sources keep the folders that they are in, from /./ on; ** stands for any number of folders",
  exclude: "Pattern of what is left out, relative to each source folder; !PATTERN takes back; repeatable",
  checksum: "sha256:<64 hex digits> that the file must have, or the commit of a git repository",
  "keep-git-dir": "Keep the .git folder of a repository",
  unpack: "Unpack archives; default: those of the context, not those of a URL",
  mount: "What the command sees besides the image; repeatable",
  network: "Network of the command",
  security: "Isolation of the command",
  device: "Device that the command sees; repeatable",
  interval: "Time between two checks, such as 30s",
  timeout: "Time after which a check has failed",
  retries: "Failed checks in a row that make a container unhealthy",
  "start-period": "Time in which failed checks do not count",
  "start-interval": "Time between two checks in the start period",
};

const FILES = [
  "A folder gives its contents, a file itself. Owner is root; the set-id bits of files of the context are dropped.",
  "A slash at the end, several sources or an existing folder make the destination a folder.",
  "Wildcards are those of Go's `filepath.Match`; a source without any must be there. Nothing outside of the context is read.",
  "`<<NAME` puts the lines up to NAME into a file of that name; a quoted NAME keeps variables as they are.",
];

const COMMAND = [
  "The JSON form is taken as it is, the shell form as one line for the SHELL. Variables are not replaced when the image is built.",
  "In a cluster image each element is a shell line; `sealos run` replaces `$NAME`, `${NAME}` and `$(NAME)` by ENV and `-e`.",
];

export const INSTRUCTIONS: Readonly<Record<InstructionKind, InstructionReference>> = {
  FROM: {
    summary: "Begins a stage with an image, an earlier stage by name or number, or nothing (`scratch`)",
    forms: ["FROM [--platform=PLATFORM] IMAGE [AS NAME]"],
    rules: [
      "Only ARG before the first FROM is known here, and the arguments of the platform.",
      "The last stage is the image, unless `--target` names another one; stages that it does not need are not built.",
    ],
    example: "FROM scratch AS files\nCOPY app /app\nFROM localhost/base:v1\nCOPY --from=files /app /app",
  },
  ARG: {
    summary: "Declares a variable that `--build-arg` may set",
    forms: ["ARG NAME[=DEFAULT] ..."],
    rules: [
      "Counts from its line to the end of the stage; one before the first FROM must be declared again in a stage.",
      "TARGETPLATFORM, TARGETOS, TARGETARCH, TARGETVARIANT and the same with BUILD have values.",
    ],
    example: "ARG VERSION=v1\nFROM localhost/base:$VERSION\nARG VERSION\nLABEL version=$VERSION",
  },
  ENV: {
    summary: "Sets variables of the image; templates and commands of a cluster image see them",
    forms: ["ENV NAME=VALUE ...", "ENV NAME VALUE"],
    rules: ["All values of one instruction see the variables as they were before it. ENV wins over ARG."],
    example: 'FROM scratch\nENV replicas=2 message="hello world"',
  },
  LABEL: {
    summary: "Sets labels of the image",
    forms: ["LABEL NAME=VALUE ...", "LABEL NAME VALUE"],
    rules: [
      "`\\$name` stays `$name`, for what is replaced when the image is run.",
      "`sealos.io.type` is rootfs, application or patch.",
    ],
    example: 'FROM scratch\nLABEL "sealos.io.type"=rootfs init="init.sh \\$registryDomain"',
  },
  COPY: {
    summary: "Copies files of the context, a stage or an image",
    forms: [
      "COPY [FLAGS] SOURCE ... DESTINATION",
      'COPY [FLAGS] ["SOURCE", ..., "DESTINATION"]',
      "COPY [FLAGS] <<NAME ... DESTINATION",
    ],
    rules: FILES,
    example:
      "FROM scratch\nCOPY --chmod=u=rwX,go=rX --exclude=*.md manifests manifests\nCOPY --parents src/./lib/*.sh /opt/",
  },
  ADD: {
    summary: "Copies as COPY does, unpacks archives, and fetches files and git repositories",
    forms: [
      "ADD [FLAGS] SOURCE ... DESTINATION",
      'ADD [FLAGS] ["SOURCE", ..., "DESTINATION"]',
      "ADD [FLAGS] URL DESTINATION",
      "ADD [FLAGS] REPOSITORY[#REF[:FOLDER]] DESTINATION",
    ],
    rules: [
      ...FILES,
      "A tar archive of the context that is named itself is unpacked, with its owners and permission bits.",
      "A file of a URL is named as the last part of its path and has mode 0600; with --checksum it is kept and not fetched again.",
      "Repositories are `https://….git`, `git@HOST:PATH`, `ssh://` and `git://`; a whole commit as REF is kept and not fetched again.",
    ],
    example:
      "FROM scratch\nADD files.tar.gz /\nADD --unpack=true https://example.com/chart.tgz charts/\nADD https://example.com/web.git#v1:deploy manifests",
  },
  RUN: {
    summary: "Runs a command and takes over what it changes",
    forms: ["RUN [FLAGS] COMMAND", 'RUN [FLAGS] ["PROGRAM", "ARGUMENT", ...]', "RUN [FLAGS] <<NAME"],
    rules: ["docs/building.md says what a command sees, what it needs of this machine, and when it is not run again."],
    example: "FROM localhost/debian:12\nRUN --network=none make install",
  },
  CMD: {
    summary: "The command of the image",
    forms: ['CMD ["COMMAND", ...]', "CMD COMMAND"],
    rules: COMMAND,
    example:
      'FROM scratch\nENV replicas=2\nCMD ["kubectl apply -f manifests", "kubectl scale deployment/web --replicas=$replicas"]',
  },
  ENTRYPOINT: {
    summary: "What stands before the command of the image",
    forms: ['ENTRYPOINT ["COMMAND", ...]', "ENTRYPOINT COMMAND"],
    rules: [...COMMAND, "It drops the CMD of the base image, not that of its own stage."],
    example: 'FROM scratch\nENTRYPOINT ["/app"]',
  },
  SHELL: {
    summary: "The shell of the shell form",
    forms: ['SHELL ["PROGRAM", "ARGUMENT", ...]'],
    rules: ["Counts for the instructions behind it."],
    example: 'FROM scratch\nSHELL ["/bin/bash", "-c"]',
  },
  WORKDIR: {
    summary: "Sets the working folder and makes it",
    forms: ["WORKDIR PATH"],
    rules: ["A relative path begins at the last WORKDIR. What is made belongs to USER."],
    example: "FROM scratch\nWORKDIR /srv/web",
  },
  USER: {
    summary: "The user that commands run as",
    forms: ["USER USER[:GROUP]"],
    rules: ["COPY and ADD take no notice of it; `sealos run` neither."],
    example: "FROM scratch\nUSER 65532:65532",
  },
  EXPOSE: {
    summary: "Names ports that the image listens on",
    forms: ["EXPOSE PORT[/PROTOCOL] ..."],
    rules: ["A port alone is TCP; FIRST-LAST is a range."],
    example: "FROM scratch\nEXPOSE 80 53/udp",
  },
  VOLUME: {
    summary: "Names folders whose content does not belong to the image",
    forms: ["VOLUME PATH ...", 'VOLUME ["PATH", ...]'],
    rules: [],
    example: "FROM scratch\nVOLUME /data",
  },
  STOPSIGNAL: {
    summary: "The signal that ends a container",
    forms: ["STOPSIGNAL SIGNAL"],
    rules: [],
    example: "FROM scratch\nSTOPSIGNAL SIGINT",
  },
  HEALTHCHECK: {
    summary: "Says how to find out whether a container is well",
    forms: ["HEALTHCHECK [FLAGS] CMD COMMAND", "HEALTHCHECK NONE"],
    rules: ["NONE takes back that of the base image."],
    example: "FROM scratch\nHEALTHCHECK --interval=30s CMD /app check",
  },
  ONBUILD: {
    summary: "An instruction for images that are based on this one",
    forms: ["ONBUILD INSTRUCTION"],
    rules: ["Runs behind their FROM and is not handed on. FROM, MAINTAINER and ONBUILD cannot be triggered."],
    example: "FROM scratch\nONBUILD COPY . /srv",
  },
  MAINTAINER: {
    summary: "Sets the author of the image; a label is better",
    forms: ["MAINTAINER TEXT"],
    rules: [],
    example: "FROM scratch\nMAINTAINER me@example.com",
  },
};

/** The flags of an instruction as they are written. */
export function renderFlag(name: string, kind: (typeof FLAGS)[InstructionKind][string]): string {
  return kind === "value" ? `--${name}=VALUE` : `--${name}[=true|false]`;
}
