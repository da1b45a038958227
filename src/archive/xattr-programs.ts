/** What answers questions for `XattrReader`. */
export interface XattrProgram {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** Numbers of llistxattr and lgetxattr. */
const SYSTEM_CALLS: Readonly<Record<string, readonly [list: number, get: number]>> = {
  x64: [195, 192],
  arm64: [12, 9],
};

/**
 * Programs that nearly every machine has one of: Node has no call for extended attributes. Each reads questions, the
 * number of paths and then the paths, all ended by NUL, and answers with a line `INDEX HEX-NAME HEX-VALUE` for every
 * attribute and an empty line at the end. A folder is opened once, and nothing is said of one that a link leads to.
 * @param architecture as Node names it
 */
export function xattrPrograms(architecture: string): readonly XattrProgram[] {
  const numbers = SYSTEM_CALLS[architecture];
  const python = { command: "python3", arguments: ["-I", "-S", "-c", PYTHON] };
  return numbers ? [{ command: "perl", arguments: ["-e", PERL, ...numbers.map(String)] }, python] : [python];
}

const PERL = String.raw`
my ($list, $get) = map { $_ + 0 } @ARGV;
my ($open, $names, $value) = ("", "\0" x 65536, "\0" x 65536);
$/ = "\0";
while (defined(my $count = <STDIN>)) {
  chop $count;
  for my $index (0 .. $count - 1) {
    my $path = <STDIN>;
    chop $path;
    my ($folder, $name) = $path =~ m{^(.*)/([^/]*)$}s or next;
    $folder = "/" if $folder eq "";
    if ($folder ne $open) {
      $open = sysopen(DIR, $folder, 0x210000) && readlink("/proc/self/fd/" . fileno(DIR)) eq $folder ? $folder : "";
    }
    next if $open eq "";
    my $place = "/proc/self/fd/" . fileno(DIR) . "/$name";
    my $size = syscall($list, $place, $names, 65536);
    next if $size <= 0;
    for my $key (split /\0/, substr($names, 0, $size)) {
      my $length = syscall($get, $place, $key, $value, 65536);
      print join(" ", $index, unpack("H*", $key), unpack("H*", substr($value, 0, $length))), "\n" if $length >= 0;
    }
  }
  $| = 1;
  print "\n";
  $| = 0;
}
`;

const PYTHON = String.raw`
import os, sys
source, answers, opened, descriptor = sys.stdin.buffer, sys.stdout, b"", -1
def next_field():
    field = bytearray()
    while (byte := source.read(1)) not in (b"\0", b""):
        field += byte
    return bytes(field)
while count := next_field():
    for index in range(int(count)):
        folder, name = os.path.split(next_field())
        try:
            if folder != opened:
                if descriptor >= 0:
                    os.close(descriptor)
                opened, descriptor = b"", -1
                descriptor = os.open(folder, 0x210000)
                if os.readlink(b"/proc/self/fd/%d" % descriptor) == folder:
                    opened = folder
            if opened != folder:
                continue
            place = b"/proc/self/fd/%d/%s" % (descriptor, name)
            for key in os.listxattr(place, follow_symlinks=False):
                value = os.getxattr(place, key, follow_symlinks=False)
                print(index, os.fsencode(key).hex(), value.hex(), file=answers)
        except OSError:
            pass
    print(file=answers, flush=True)
`;
