import type { FlagSpecs } from "./flag.ts";

/** What `sealos build` lets RUN have; see `toRunSettings`. */
export const RUN_FLAGS = {
  secret: {
    type: "array",
    value: "id=NAME,src=FILE",
    help: "Secret for RUN --mount=type=secret: a file, or a variable with id=NAME,env=VARIABLE",
  },
  ssh: {
    type: "array",
    value: "NAME[=PATH]",
    help: "SSH agent for RUN --mount=type=ssh: a socket, or files with keys; default is that of SSH_AUTH_SOCK",
  },
  volume: {
    type: "array",
    short: "v",
    value: "DIR:PATH[:ro]",
    help: "Folder of this machine that every RUN sees at PATH; it does not get into the image",
  },
  network: { type: "string", value: "KIND", help: "Network of RUN: that of this machine (default, host) or none" },
  "add-host": { type: "array", value: "NAME:ADDRESS", help: "Line for the /etc/hosts that RUN sees" },
  "no-hosts": { type: "boolean", hidden: true, help: "RUN sees the image's own /etc/hosts" },
  dns: { type: "list", value: "ADDRESS", help: "Name servers for RUN; none: the image's own /etc/resolv.conf" },
  "dns-search": { type: "list", hidden: true, value: "DOMAIN", help: "Search domains for RUN" },
  "dns-option": { type: "list", hidden: true, value: "OPTION", help: "Options of the resolver for RUN" },
  "shm-size": { type: "string", value: "SIZE", help: "Size of RUN's /dev/shm; default: 64m" },
  ulimit: {
    type: "array",
    value: "NAME=SOFT[:HARD]",
    help: "Limit for the processes of RUN, for instance nofile=1024",
  },
  "cap-add": { type: "list", value: "NAME", help: "Capability that RUN has besides the usual ones" },
  "cap-drop": { type: "list", value: "NAME", help: "Capability that RUN does not have" },
  "group-add": { type: "list", value: "GROUP", help: "Group that the user of RUN is in too, by name or number" },
  "http-proxy": { type: "boolean", default: true, hidden: true, help: "RUN gets the proxy variables of this program" },
} as const satisfies FlagSpecs;
