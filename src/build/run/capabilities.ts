import type { CapabilityChange } from "./run-settings.ts";

/** All of Linux 6, in the order of their numbers: see capabilities(7). */
export const CAPABILITIES = [
  "chown",
  "dac_override",
  "dac_read_search",
  "fowner",
  "fsetid",
  "kill",
  "setgid",
  "setuid",
  "setpcap",
  "linux_immutable",
  "net_bind_service",
  "net_broadcast",
  "net_admin",
  "net_raw",
  "ipc_lock",
  "ipc_owner",
  "sys_module",
  "sys_rawio",
  "sys_chroot",
  "sys_ptrace",
  "sys_pacct",
  "sys_admin",
  "sys_boot",
  "sys_nice",
  "sys_resource",
  "sys_time",
  "sys_tty_config",
  "mknod",
  "lease",
  "audit_write",
  "audit_control",
  "setfcap",
  "mac_override",
  "mac_admin",
  "syslog",
  "wake_alarm",
  "block_suspend",
  "audit_read",
  "perfmon",
  "bpf",
  "checkpoint_restore",
] as const;

/** What containers usually have. */
const USUAL = [
  "chown",
  "dac_override",
  "fowner",
  "fsetid",
  "kill",
  "net_bind_service",
  "setfcap",
  "setgid",
  "setpcap",
  "setuid",
  "sys_chroot",
];

/** Without these nothing can make the image the root of a command and choose its user. */
const NECESSARY: ReadonlySet<string> = new Set(["setgid", "setuid", "sys_chroot"]);

/** The capabilities of commands that run as root. */
export function sandboxCapabilities({ added, dropped }: CapabilityChange): readonly string[] {
  const wanted = new Set([
    ...(dropped.includes("all") ? [] : USUAL),
    ...(added.includes("all") ? CAPABILITIES : added),
  ]);
  return CAPABILITIES.filter((name) => NECESSARY.has(name) || (wanted.has(name) && !dropped.includes(name)));
}
