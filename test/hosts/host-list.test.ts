import { expect, test } from "vitest";

import { parseHostList } from "../../src/hosts/host-list.ts";

test.each([
  ["10.0.0.1", ["10.0.0.1"]],
  ["10.0.0.1:2222", ["10.0.0.1:2222"]],
  ["10.0.0.1, 10.0.0.2:22", ["10.0.0.1", "10.0.0.2:22"]],
  ["10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]],
  ["10.0.0.7-10.0.0.7", ["10.0.0.7"]],
  ["10.0.0.9/30", ["10.0.0.9", "10.0.0.10"]],
  ["10.0.0.9/31", ["10.0.0.8", "10.0.0.9"]],
  ["10.0.0.9/32", ["10.0.0.9"]],
  ["255.255.255.254-255.255.255.255", ["255.255.255.254", "255.255.255.255"]],
  ["10.0.0.1,10.0.0.3-10.0.0.4,10.0.1.0/30", ["10.0.0.1", "10.0.0.3", "10.0.0.4", "10.0.1.1", "10.0.1.2"]],
])("parseHostList() reads %s", (text, expected) => {
  const hosts = parseHostList(text).map(({ address, port }) => (port === undefined ? address : `${address}:${port}`));
  expect(hosts).toEqual(expected);
});

test.each([
  ["", "it has an empty element"],
  ["10.0.0.1,", "it has an empty element"],
  ["10.0.0", '"10.0.0": "10.0.0" is not an IPv4 address'],
  ["10.0.0.256", "is not an IPv4 address"],
  ["10.0.0.01", "is not an IPv4 address"],
  ["master-1", '"master" is not an IPv4 address'],
  ["example.com", '"example.com" is not an IPv4 address'],
  ["fd00::1", "IPv6 addresses are not supported"],
  ["10.0.0.1:0", "a port is a number from 1 to 65535"],
  ["10.0.0.1:65536", "a port is a number from 1 to 65535"],
  ["10.0.0.1:ssh", "a port is a number from 1 to 65535"],
  ["10.0.0.1:", "a port is a number from 1 to 65535"],
  ["10.0.0.9-10.0.0.1", "a range starts with its lower address"],
  ["10.0.0.1-10.0.0.2-10.0.0.3", "a range has two ends"],
  ["10.0.0.1:22-10.0.0.2", '"10.0.0.1:22" is not an IPv4 address'],
  ["10.0.0.0/33", "a network's prefix is a number from 0 to 32"],
  ["10.0.0.0/", "a network's prefix is a number from 0 to 32"],
  ["10.0.0.0/8", "the list has more than 1024 hosts"],
  ["10.0.0.1,10.0.0.1:22", 'Cannot use host 10.0.0.1 twice: it is in "10.0.0.1" and "10.0.0.1:22"'],
  ["10.0.0.0/30,10.0.0.1-10.0.0.4", 'it is in "10.0.0.0/30" and "10.0.0.1-10.0.0.4"'],
])("parseHostList() refuses %j", (text, message) => {
  expect(() => parseHostList(text)).toThrow(message);
});
