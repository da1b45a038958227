import { describe, expect, test } from "vitest";

import { parseHierarchies } from "../../lab/cgroups.ts";
import { findFreeIndex } from "../../lab/free-index.ts";
import {
  parseContents,
  parseFiles,
  parseLinks,
  parseMounts,
  parseRuleset,
  parseUnits,
  parseWords,
} from "../../lab/listing-parsers.ts";
import { diffListings } from "../../lab/listing.ts";
import { hostNames } from "../../lab/names.ts";
import { findSource } from "../../lab/packages.ts";

describe("findFreeIndex()", () => {
  test.each([
    ["nothing is used", [], [], 0],
    ["the first bridge's name is taken", ["lo", "lab0"], [], 1],
    ["the first range is taken", [], ["10.77.0.0/24"], 1],
    ["single addresses are taken", [], ["10.77.0.9", "10.77.1.255"], 2],
    ["a wider network covers some", [], ["10.77.0.0/22"], 4],
    ["a network of others is used", [], ["10.76.0.0/16", "192.168.0.0/16"], 0],
    ["everything is used", [], ["10.0.0.0/8"], undefined],
    ["a default route is written as a network", [], ["0.0.0.0/0"], undefined],
  ])("finds the first index when %s", (_, links, ranges, expected) => {
    expect(findFreeIndex({ links, ranges })).toBe(expected);
  });
});

test("hostNames() gives a port name of at most 15 characters when the index and number are the largest", () => {
  expect(hostNames(255, 7)).toEqual({
    name: "node7",
    address: "10.77.255.17",
    machine: "lab255-node7",
    port: "vb-lab255-node7",
    cgroup: "sealos-lab255-node7",
  });
});

describe("findSource()", () => {
  const targets = `bookworm-security http://security.example/debian-security/ main
bookworm https://mirror.example/debian/ main
bookworm https://mirror.example/debian/ contrib
bookworm https://other.example/debian/ main
nodistro https://packages.example/node/ main
`;

  test("takes the release's own repository with its components when there are others", () => {
    expect(findSource(targets, "bookworm")).toEqual({
      uri: "https://mirror.example/debian/",
      components: ["main", "contrib"],
    });
  });

  test("finds nothing when no repository has the release", () => {
    expect(findSource(targets, "trixie")).toBeUndefined();
  });
});

describe("parseHierarchies()", () => {
  test("finds each hierarchy once when controllers are apart", () => {
    const mountinfo = `25 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 25 0:26 / /sys/fs/cgroup rw - tmpfs cgroup rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:4 - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw
33 25 0:27 / /elsewhere rw - cgroup cgroup rw,cpu,cpuacct
`;
    expect(parseHierarchies(mountinfo)).toEqual(["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified"]);
  });

  test("finds the one hierarchy when there is only version 2", () => {
    expect(parseHierarchies("30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")).toEqual(["/sys/fs/cgroup"]);
  });
});

describe("a listing", () => {
  test("parseFiles() keeps names whole when they have blanks and line breaks", () => {
    expect(parseFiles("/etc/a b\tf 644 root:root 3\0/etc/c\nd\tl /x\0")).toEqual([
      ["file /etc/a b", "f 644 root:root 3"],
      ["file /etc/c\nd", "l /x"],
    ]);
  });

  test("parseContents() splits sums and paths when they end with NUL", () => {
    const sum = "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865";
    expect(parseContents(`${sum}  /etc/a b\0`)).toEqual([["content /etc/a b", sum]]);
  });

  test("parseUnits() tells files from units and leaves logins out when they are mixed", () => {
    const text = `kubelet.service enabled enabled
x.service        static  -
ssh.service loaded active running OpenBSD Secure Shell server
user@0.service loaded active running User Manager
`;
    expect(parseUnits(text)).toEqual([
      ["unit file kubelet.service", "enabled"],
      ["unit file x.service", "static"],
      ["unit ssh.service", "loaded active"],
    ]);
  });

  test("parseMounts() numbers mounts when one covers another", () => {
    const text = `9 1 0:1 / /mnt rw - tmpfs one rw
10 9 0:2 / /mnt rw shared:1 master:2 - ext4 /dev/two rw
11 9 0:2 / /run/user/0 rw - tmpfs tmpfs rw
`;
    expect(parseMounts(text)).toEqual([
      ["mount /mnt", "tmpfs one"],
      ["mount /mnt #2", "ext4 /dev/two"],
    ]);
  });

  test("parseLinks() tells kind, state, master and addresses when a link has them", () => {
    const links = [
      { ifname: "lo", link_type: "loopback", flags: ["UP"], addr_info: [{ scope: "host", local: "127.0.0.1" }] },
      {
        ifname: "veth1",
        link_type: "ether",
        flags: [],
        master: "cni0",
        linkinfo: { info_kind: "veth" },
        addr_info: [{ scope: "link", local: "fe80::1" }],
      },
    ];
    expect(parseLinks(JSON.stringify(links))).toEqual([
      ["link lo", "loopback up 127.0.0.1"],
      ["link veth1", "veth down cni0"],
    ]);
  });

  test("parseRuleset() forgets counters when rules count", () => {
    const text = `table ip filter {
	chain INPUT {
		counter packets 12 bytes 345 accept
	}
}
table inet kube-proxy {
	set s {
		type ipv4_addr
	}
}
`;
    expect(parseRuleset(text)).toEqual([
      ["nft table ip filter", "chain INPUT { counter accept }"],
      ["nft table inet kube-proxy", "set s { type ipv4_addr }"],
    ]);
  });

  test("parseWords() numbers lines when they are the same", () => {
    expect(parseWords("route")("default via 10.0.0.1\n\ndefault via 10.0.0.1\n")).toEqual([
      ["route default via 10.0.0.1", "there"],
      ["route default via 10.0.0.1 #2", "there"],
    ]);
  });

  test("diffListings() tells what came, went and changed when listings differ", () => {
    const before = new Map([
      ["file /a", "f 644"],
      ["file /b", "f 644"],
      ["link lo", "up"],
    ]);
    const after = new Map([
      ["file /b", "f 600"],
      ["file /c", "d 755"],
      ["link lo", "up"],
    ]);
    expect(diffListings(before, after)).toEqual(["- file /a: f 644", "~ file /b: f 644 -> f 600", "+ file /c: d 755"]);
  });
});
