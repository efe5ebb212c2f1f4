import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Distribution } from './host.ts';

const DIRECTORIES =
  'bin boot dev etc/ssh etc/alternatives home/ec2-user lib lib64 media mnt opt proc root run sbin srv sys tmp usr ' +
  'var/cache var/lib/amazon/ssm var/lib/cloud/data var/log/journal var/tmp';

const FILES: Record<string, string> = {
  'etc/os-release':
    'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPLATFORM_ID="platform:al2023"\n' +
    'PRETTY_NAME="Amazon Linux 2023"\n',
  'etc/fstab': '#\nLABEL=/ / xfs defaults,noatime 1 1\n',
  'etc/hostname': 'localhost\n',
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\n',
  'etc/group': 'root:x:0:\nec2-user:x:1000:\n',
  'etc/ld.so.cache': '',
};

const UBUNTU =
  'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n';

/** Writes the small root volume of a public image; its programs are the machine's. */
export async function writeBaseImage(volume: string, distribution: Distribution): Promise<void> {
  for (const directory of DIRECTORIES.split(' ')) {
    await mkdir(join(volume, 'tree', directory), { recursive: true });
  }
  const files = distribution === 'ubuntu' ? { ...FILES, 'etc/os-release': UBUNTU } : FILES;
  for (const [path, text] of Object.entries(files)) await writeFile(join(volume, 'tree', path), text);
  await writeFile(join(volume, 'superblock'), 'LABEL=/\nTYPE=xfs\n');
}

/** What cloud-init does when it meets an instance id for the first time. Returns whether it did. */
export async function firstBoot(root: string, instanceId: string): Promise<boolean> {
  const seen = join(root, 'var/lib/cloud/data/instance-id');
  if ((await readFile(seen, 'utf8').catch(() => '')).trim() === instanceId) return false;
  const key = randomBytes(64).toString('base64');
  await writeFile(join(root, 'etc/ssh/ssh_host_ed25519_key'), `${key}\n`, { mode: 0o600 });
  await writeFile(join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), `ssh-ed25519 ${key.slice(0, 43)}\n`);
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  await writeFile(join(root, 'etc/hostname'), `${instanceId}.ec2.internal\n`);
  await writeFile(seen, `${instanceId}\n`);
  return true;
}
