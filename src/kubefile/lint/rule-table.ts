/** A check of a Kubefile that could be built, and yet is probably not what is wanted. */
export interface RuleDescription {
  readonly severity: "error" | "warning";
  /** What the rule finds, as a noun phrase. */
  readonly summary: string;
  /** Why it matters, and what to do. */
  readonly reason: string;
  /** Instructions that it finds, and better ones. */
  readonly bad: string;
  readonly good: string;
}

/**
 * All rules by their stable names. Where BuildKit has the same check it has the same name, so that a `# check=skip=`
 * means the same to both.
 */
export const LINT_RULES = {
  CmdImageNotCached: {
    severity: "warning",
    summary: "An image in CMD that the cluster's registry will not have",
    reason:
      "What CMD starts in the cluster is pulled from the cluster's own registry, which has the images of images/shim, " +
      "manifests and charts only. Add the image to a list.",
    bad: 'CMD ["kubectl create deployment web --image=docker.io/library/nginx:1.29"]',
    good: 'COPY images images  # with docker.io/library/nginx:1.29 in images/shim/list\nCOPY registry registry\nCMD ["kubectl create deployment web --image=docker.io/library/nginx:1.29"]',
  },
  CmdUnknownVariable: {
    severity: "warning",
    summary: "A variable in CMD or ENTRYPOINT that the image does not set",
    reason: "Its value can only come from `sealos run -e`. Give it a default by ENV, which also says that it is there.",
    bad: 'FROM scratch\nCMD ["helm upgrade -i web charts/web --set replicas=$REPLICAS"]',
    good: 'FROM scratch\nENV REPLICAS=1\nCMD ["helm upgrade -i web charts/web --set replicas=$REPLICAS"]',
  },
  CopyIgnoredFile: {
    severity: "warning",
    summary: "A source of COPY or ADD that the ignore file excludes",
    reason: "The build will not find it. Take it out of the ignore file, or add a line with `!` for it.",
    bad: "COPY secrets.yaml /etc/  # with *.yaml in .dockerignore",
    good: "COPY secrets.yaml /etc/  # with !secrets.yaml behind it",
  },
  DuplicateStageName: {
    severity: "error",
    summary: "A name that two stages have",
    reason: "Only the last one can be reached by its name.",
    bad: "FROM scratch AS files\nFROM scratch AS files",
    good: "FROM scratch AS files\nFROM scratch AS image",
  },
  FromPlatformFlagConstDisallowed: {
    severity: "warning",
    summary: "A platform in FROM that is always the same",
    reason: "Such a stage ignores `--platform`. Use a variable, or name an image of that platform.",
    bad: "FROM --platform=linux/amd64 alpine:3.22",
    good: "FROM --platform=$BUILDPLATFORM alpine:3.22",
  },
  JSONArgsRecommended: {
    severity: "warning",
    summary: "The shell form of CMD or ENTRYPOINT",
    reason:
      "A container then runs a shell that gets the signals in the place of the program; of a cluster image only one " +
      "command line is possible. Write the JSON form.",
    bad: "CMD kubectl apply -f manifests",
    good: 'CMD ["kubectl apply -f manifests"]',
  },
  LegacyKeyValueFormat: {
    severity: "warning",
    summary: "ENV or LABEL without an equals sign",
    reason: "All of the line is one value, which is easily overlooked. Write NAME=VALUE.",
    bad: "ENV VERSION v1.36.3",
    good: "ENV VERSION=v1.36.3",
  },
  MaintainerDeprecated: {
    severity: "warning",
    summary: "MAINTAINER",
    reason: "Other builders leave it out. A label says the same.",
    bad: "MAINTAINER me@example.com",
    good: 'LABEL org.opencontainers.image.authors="me@example.com"',
  },
  RedundantTargetPlatform: {
    severity: "warning",
    summary: "A platform in FROM that is the default",
    reason: "Leave the flag out.",
    bad: "FROM --platform=$TARGETPLATFORM alpine:3.22",
    good: "FROM alpine:3.22",
  },
  ReservedStageName: {
    severity: "error",
    summary: "A stage with a name that has a meaning",
    reason: "`scratch` is the empty image and `context` the build context.",
    bad: "FROM alpine:3.22 AS scratch",
    good: "FROM alpine:3.22 AS files",
  },
  ScannedFolderRenamed: {
    severity: "warning",
    summary: "A folder with a meaning that the image has elsewhere",
    reason:
      "images, charts, manifests and registry are looked at by those names, in the context when the image is built and " +
      "in the image when it is run. Keep their names and their place.",
    bad: "COPY manifests /opt/yaml",
    good: "COPY manifests manifests",
  },
  ScriptNotExecutable: {
    severity: "warning",
    summary: "A script that is run by its name and must not be",
    reason: "It begins with `#!` but nobody may execute it. Set its bit in the context, or give --chmod.",
    bad: 'COPY install.sh install.sh  # mode 0644\nCMD ["./install.sh"]',
    good: 'COPY --chmod=0755 install.sh install.sh\nCMD ["./install.sh"]',
  },
  SecretsUsedInArgOrEnv: {
    severity: "warning",
    summary: "A variable that is called like a secret, with a value",
    reason: "Whoever has the image can read it. Give the value when the image is run: `sealos run -e NAME=VALUE`.",
    bad: "ENV DB_PASSWORD=hunter2",
    good: "ENV DB_PASSWORD=",
  },
  UndefinedArgInFrom: {
    severity: "warning",
    summary: "A variable in FROM that no ARG before the first FROM declares",
    reason: "It is always empty there.",
    bad: "FROM alpine:$VERSION",
    good: "ARG VERSION=3.22\nFROM alpine:$VERSION",
  },
  UndefinedVar: {
    severity: "warning",
    summary: "A variable that nothing in the stage declares",
    reason:
      "It is empty. An ARG before the first FROM counts only in FROM: declare it again. A dollar that is meant has a " +
      "backslash before it.",
    bad: "FROM scratch\nCOPY app-$VERSION /app",
    good: "FROM scratch\nARG VERSION\nCOPY app-$VERSION /app",
  },
  UnpinnedImage: {
    severity: "warning",
    summary: "An image without a tag, or with the tag latest",
    reason: "The build gives something else tomorrow. Name a version, best with its digest.",
    bad: "FROM alpine",
    good: "FROM alpine:3.22.1",
  },
  UnusedStage: {
    severity: "warning",
    summary: "A stage that no other one needs",
    reason: "It is not built. Remove it, or copy from it.",
    bad: "FROM scratch AS files\nCOPY a /a\nFROM scratch\nCOPY b /b",
    good: "FROM scratch AS files\nCOPY a /a\nFROM scratch\nCOPY --from=files /a /a",
  },
  WorkdirRelativePath: {
    severity: "warning",
    summary: "A relative WORKDIR whose start is not known",
    reason: "It depends on the base image. Begin with a slash.",
    bad: "FROM alpine:3.22\nWORKDIR app",
    good: "FROM alpine:3.22\nWORKDIR /app",
  },
} as const satisfies Readonly<Record<string, RuleDescription>>;

export type LintRuleName = keyof typeof LINT_RULES;

export function isLintRule(name: string): name is LintRuleName {
  return Object.hasOwn(LINT_RULES, name);
}
