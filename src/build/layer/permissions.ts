import { ValueError } from "../value-error.ts";

/** What `--chmod` makes of permission bits. X depends on whether it is a folder's. */
export type PermissionChange = (mode: number, isFolder: boolean) => number;

const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
const ACTION = /([-+=])([rwxXst]*|[ugo])(?![rwxXstugo])/g;
const SHIFTS = { u: 6, g: 3, o: 0 } as const;

/**
 * Reads octal permission bits, or symbolic ones as chmod(1) has them: `u=rwX,go=rX`. A clause for nobody in particular
 * is for everybody: the umask of this machine has no part in it.
 * @throws {ValueError}
 */
export function parsePermissions(text: string): PermissionChange {
  if (/^[0-7]{3,4}$/.test(text)) return () => Number.parseInt(text, 8);
  const changes = text.split(",").flatMap((clause) => parseClause(clause) ?? []);
  if (changes.length === text.split(",").length) {
    return (mode, isFolder) => changes.reduce((current, change) => change(current, isFolder), mode);
  }
  throw new ValueError(`expected permission bits such as 0644 or u=rwX,go=rX, found "${text}"`);
}

function parseClause(clause: string): PermissionChange | undefined {
  const [, who = "", actions = ""] = CLAUSE.exec(clause) ?? [];
  if (actions === "") return undefined;
  const classes = who === "" || who.includes("a") ? "ugo" : who;
  const steps = [...actions.matchAll(ACTION)].map(([, operator = "", letters = ""]) => ({ operator, letters }));
  return (mode, isFolder) =>
    steps.reduce(
      (current, { operator, letters }) =>
        applyBits(current, { operator, bits: bitsOf(letters, { mode: current, isFolder, classes }), classes }),
      mode,
    );
}

interface Subject {
  readonly mode: number;
  readonly isFolder: boolean;
  readonly classes: string;
}

function bitsOf(letters: string, { mode, isFolder, classes }: Subject): number {
  if (letters === "u" || letters === "g" || letters === "o") return spread((mode >> SHIFTS[letters]) & 7, classes);
  const canExecute = isFolder || (mode & 0o111) !== 0;
  const isSet = (letter: string) => letters.includes(letter);
  const execute = isSet("x") || (isSet("X") && canExecute);
  const bits = (isSet("r") ? 4 : 0) | (isSet("w") ? 2 : 0) | (execute ? 1 : 0);
  const setId = isSet("s") ? (classes.includes("u") ? 0o4000 : 0) | (classes.includes("g") ? 0o2000 : 0) : 0;
  return spread(bits, classes) | setId | (isSet("t") ? 0o1000 : 0);
}

function applyBits(
  mode: number,
  { operator, bits, classes }: { operator: string; bits: number; classes: string },
): number {
  if (operator === "+") return mode | bits;
  if (operator === "-") return mode & ~bits;
  return (mode & ~ownedBits(classes)) | bits;
}

/** What `=` takes away before it sets: the set-id bits belong to user and group, the sticky bit to all three together. */
function ownedBits(classes: string): number {
  const setId = (classes.includes("u") ? 0o4000 : 0) | (classes.includes("g") ? 0o2000 : 0);
  return spread(7, classes) | setId | (classes === "ugo" ? 0o1000 : 0);
}

function spread(bits: number, classes: string): number {
  const letters = ["u", "g", "o"] as const;
  return letters.reduce((mode, letter) => (classes.includes(letter) ? mode | (bits << SHIFTS[letter]) : mode), 0);
}
