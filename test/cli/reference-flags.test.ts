import { expect, test } from "vitest";

import { COMMAND_TABLE } from "../../src/cli/command-table.ts";
import { findCommand } from "../../src/cli/find-command.ts";

/** Command lines that the reference tool takes; words behind `|` are flags, each tried alone. */
const LINES: readonly string[] = [
  "pull web | -a --all-tags --policy=always --policy=ifnewer --platform=linux/amd64 -q --retry=3 --retry-delay=2s",
  "pull web | --remove-signatures --arch=arm64 --os=linux --variant=v8 --signature-policy=F --blob-cache=DIR",
  "pull web | --tls-verify=false --authfile=F --creds=a:b --cert-dir=DIR",
  "push web | --all --digestfile=F --rm -D -f=oci --format=v2s2 --compression-format=zstd --remove-signatures -q",
  "push web | --retry=3 --retry-delay=2s --tls-verify=false --authfile=F --creds=a:b --cert-dir=DIR",
  "images | -a --all --digests -f=dangling=true --filter=label=a --format={{.ID}} --json -n --noheading --no-trunc -q",
  "images | --quiet --history --root=DIR --runroot=DIR --storage-driver=vfs --storage-opt=a=b --log-level=debug",
  "rmi web | -f --force",
  "rmi | -a --all -p --prune",
  "tag web other",
  "inspect web | -f={{.Name}} --format={{.Name}} -t=image --type=container --platform=linux/amd64 --arch=arm64 --os=linux",
  "login host | -u=a -p=b --password-stdin --authfile=F --cert-dir=DIR --get-login -v --tls-verify=false",
  "logout host | --authfile=F",
  "logout | -a --all",
  "manifest create list a | --all --amend --os=linux --arch=arm64 --tls-verify=false",
  "manifest add list a | --all --annotation=a=b --arch=arm64 --os=linux --variant=v8 --os-version=1 --os-features=a",
  "manifest add list a | --features=a --authfile=F --creds=a:b --cert-dir=DIR",
  "manifest annotate list a | --annotation=a=b --arch=arm64 --os=linux --variant=v8 --os-version=1 --os-features=a",
  "manifest push list place | --all --rm --digestfile=F -f=oci --format=v2s2 --remove-signatures -q --creds=a:b",
  "manifest remove list sha256:1",
  "manifest rm list",
  "manifest exists list",
  "manifest inspect list | --authfile=F --tls-verify=false",
  "diff a b | --diff-type=image -o=json --output=table --patch -t=c --save",
  "save -o=F a b | --format=oci-dir --format=docker-archive -m --multi-image-archive --compress --uncompressed -q",
  "load | -i=F --input=F -q",
  "create a | -c=default --cluster=default --platform=linux/amd64 --short -e=A=b --env=A=b",
  "merge a b | -t=c --tag=c --platform=linux/amd64 -q",
  "registry save DIR | --registry-dir=DIR --arch=arm64 --max-pull-procs=5 --images=a --tars=docker-archive:F@a --all",
  "registry sync a b | -a --all --override-arch=arm64 --override-os=linux --override-variant=v8",
  "registry copy a b | -a --all --override-arch=arm64 --override-os=linux --override-variant=v8",
  "registry serve filesystem DIR | -p=5000 --port=5000 --disable-logging --log-level=error --pid-file=F",
  "registry serve fs DIR",
  "registry serve inmem",
  "template web chart | --validate=false --atomic --wait --timeout=5m --kubeconfig=F --kube-context=c --version=1 --qps=1",
  "template web chart | -a=v1 --api-versions=v1 -l=a=b --dry-run --dry-run=client --disable-openapi-validation --create-namespace",
  "registry passwd | -c=default --cluster-name=default -p=F --htpasswd-path=F -f=F --cri-shim-file-path=F",
];

test.each(LINES)("the command line is understood: sealos %s", async (line) => {
  const [words = "", flags = ""] = line.split(" | ");
  const { entry, rest } = findCommand(COMMAND_TABLE, words.split(" "));
  if (entry.target.kind === "group") throw new Error(`"${words}" names a group`);
  const command = await entry.target.load();
  for (const flag of ["", ...flags.split(" ")].filter((each, index) => index === 0 || each !== "")) {
    expect(() => command.prepare(flag === "" ? rest : [flag, ...rest]), flag).not.toThrow();
  }
});
