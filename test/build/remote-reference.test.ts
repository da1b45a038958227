import { expect, test } from "vitest";

import { parseRemote, withoutCredentials } from "../../src/build/remote/remote-reference.ts";

const GIT = { kind: "git", ref: undefined, subfolder: "", commit: undefined, keepsGitFolder: false };
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

test.each([
  ["some/file", undefined],
  ["git/file", undefined],
  ["https://h/a/b.tar?x=1#y", { kind: "file", url: "https://h/a/b.tar?x=1#y", name: "b.tar" }],
  ["http://h/a%20b", { kind: "file", url: "http://h/a%20b", name: "a b" }],
  ["http://h/a%2Fb", { kind: "file", url: "http://h/a%2Fb", name: "a%2Fb" }],
  ["https://h/", { kind: "file", url: "https://h/", name: "" }],
  ["https://h/a.git", { ...GIT, url: "https://h/a.git" }],
  ["https://h/a.git#v1:sub/dir/", { ...GIT, url: "https://h/a.git", ref: "v1", subfolder: "sub/dir" }],
  ["https://h/a.git#:sub", { ...GIT, url: "https://h/a.git", subfolder: "sub" }],
  ["git@h:a/b#main", { ...GIT, url: "git@h:a/b", ref: "main" }],
  ["ssh://git@h/a", { ...GIT, url: "ssh://git@h/a" }],
  [
    `git://h/a?tag=v1&subdir=x&commit=${COMMIT}&keep-git-dir`,
    { ...GIT, url: "git://h/a", ref: "refs/tags/v1", subfolder: "x", commit: COMMIT, keepsGitFolder: true },
  ],
  ["https://h/a.git?branch=b&keep-git-dir=false", { ...GIT, url: "https://h/a.git", ref: "refs/heads/b" }],
])("parseRemote() reads %s", (text, expected) => {
  expect(parseRemote(text)).toEqual(expected);
});

test.each([
  ["https://", /is not a URL/],
  ["https://h/a.git#--upload-pack=x", /cannot be a branch, a tag or a commit/],
  ["https://h/a.git#x:../y", /leads out of the repository/],
  ["https://h/a.git?depth=1", /"depth" is not a parameter of a git URL/],
  ["https://h/a.git?commit=12", /expected a commit of 40 hex digits/],
])("parseRemote() refuses %s", (text, message) => {
  expect(() => parseRemote(text)).toThrow(message);
});

test("withoutCredentials() leaves out user and password", () => {
  expect(withoutCredentials("https://me:secret@h/a")).toBe("https://h/a");
  expect(withoutCredentials("https://h/a@b")).toBe("https://h/a@b");
});
