import { CORRUPTIONS, DISKS, ISOLATIONS } from './drillSettings.ts';
import { type CommandSpec, commandHelp } from './options.ts';

const STAGE = {
  stage: { value: 'NAME', help: 'work on a deployed stage, with your own AWS credentials' },
  region: { value: 'REGION', help: "the stage's Region (default: as your AWS profile says)" },
} as const;
const JSON_OUTPUT = { json: { help: 'print one JSON object on stdout and nothing else' } } as const;

/** Every command: what it does and what it takes. */
export const COMMANDS = {
  drill: {
    summary: 'Backs up an instance, terminates it, restores it and proves every byte. Exit 0 means PASS.',
    positionals: [],
    options: {
      data: {
        value: 'DIR',
        help: 'put this directory on the instance (default: a built-in set of hostile files)',
      },
      consistency: {
        choices: ['reboot', 'stop', 'freeze', 'none'],
        help: 'how the backup is made consistent',
      },
      rto: { value: 'DURATION', help: 'objective for the recovery, such as 30m' },
      rpo: { value: 'DURATION', help: 'objective for the age of the recovery point, such as 1h' },
      evidence: { value: 'DIR', help: 'where the evidence is kept (default: .backup-drill/evidence)' },
      ...JSON_OUTPUT,
      ...STAGE,
      corrupt: {
        choices: CORRUPTIONS,
        help: 'local account only: damage the restored copy; the drill must fail',
      },
      disks: {
        choices: DISKS,
        help: 'local account only: what volumes are; loop needs root',
      },
      isolation: {
        choices: ISOLATIONS,
        help: 'local account only: how commands run inside an instance',
      },
    },
  },
  restore: {
    summary:
      'Restores a recovery point (an ami- id, or latest or latest-validated with --resource), isolated unless told.',
    positionals: ['POINT'],
    options: {
      resource: { value: 'INSTANCE', help: 'the instance that the point was taken of' },
      at: { value: 'TIME', help: 'its last point at this time, ISO 8601, such as 2026-03-01T04:00:00Z' },
      'in-place': { help: 'into the network that the instance had, not into the isolated sandbox' },
      'instance-type': { value: 'TYPE', help: 'instead of the type that it had' },
      subnet: { value: 'SUBNET', help: 'instead of the subnet that it had; needs --in-place' },
      'security-group': {
        value: 'GROUP',
        multiple: true,
        help: 'instead of its groups, may repeat; needs --in-place',
      },
      address: {
        value: 'ADDRESS',
        help: 'instead of its private address; auto while the original still has it; needs --in-place',
      },
      'instance-profile': { value: 'NAME', help: 'instead of its instance profile; needs --in-place' },
      'user-data': { choices: ['keep', 'drop'], help: 'whether its user data runs again; needs --in-place' },
      ...JSON_OUTPUT,
      ...STAGE,
    },
  },
  run: {
    summary:
      'Runs a policy: backs up what it selects, expires what it does not keep. Exit 0 means all of it.',
    positionals: ['POLICY'],
    options: { ...JSON_OUTPUT, ...STAGE },
  },
  plan: {
    summary:
      'Says what a run of a policy would back up, delete and keep, and by which rule. Changes nothing.',
    positionals: ['POLICY'],
    options: { ...JSON_OUTPUT, ...STAGE },
  },
  efs: {
    summary:
      'Backs up, restores or lists (ACTION) by a policy for EFS. Without an action: a trial with two directories here.',
    positionals: ['ACTION', 'POLICY'],
    options: {
      source: { value: 'DIR', help: 'trial: the directory that stands for the file system; it is only read' },
      target: { value: 'DIR', help: 'trial: the directory that generations are made in' },
      generation: { value: 'ID', help: 'restore: which one (default: the latest)' },
      subtree: { value: 'PATH', help: 'restore: only this directory or file of it' },
      to: { value: 'PATH', help: 'restore: into this directory of the file system (default: its root)' },
      'to-destination': { help: "restore: into a directory of the generations' own file system" },
      existing: {
        choices: ['keep-newer', 'overwrite', 'keep'],
        help: 'restore: what becomes of files that are there (default: keep-newer)',
      },
      mirror: {
        value: 'N',
        help: 'restore: also delete what the generation does not have, N at most; listed first',
      },
      isolation: {
        choices: ISOLATIONS,
        help: 'trial: how commands run inside the worker',
      },
      ...JSON_OUTPUT,
      ...STAGE,
    },
  },
  points: {
    summary: 'Lists recovery points, the newest first.',
    positionals: [],
    options: {
      resource: { value: 'INSTANCE', help: 'only of this instance' },
      ...JSON_OUTPUT,
      ...STAGE,
    },
  },
  rebuild: {
    summary: 'Makes the table of recovery points anew from the tags on images and snapshots.',
    positionals: [],
    options: { ...JSON_OUTPUT, ...STAGE },
  },
  runs: {
    summary: 'Lists drills, backups and restores, the newest first.',
    positionals: [],
    options: { ...JSON_OUTPUT, ...STAGE },
  },
  'check-policies': {
    summary: 'Checks policies.yml, or the file that is named, as a deployment would.',
    positionals: ['FILE'],
    options: {
      region: {
        value: 'REGION',
        help: 'that of the stage; without it, what works only there passes for any one Region',
      },
      ...JSON_OUTPUT,
    },
  },
  lab: {
    summary:
      'Keeps a local account with one example instance until Ctrl-C, for the other commands and any AWS client.',
    positionals: [],
    options: {
      port: { value: 'PORT', help: 'where it listens on 127.0.0.1 (default: 4566)' },
      speed: { value: 'N|max', help: 'its seconds in one of yours (default: max, which skips every wait)' },
    },
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** The help that stands above all commands. */
export function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    'usage: backup-drill COMMAND [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, spec]) => `  ${name.padEnd(width)}  ${spec.summary}`),
    '',
    'Without --stage everything happens in a local account on this machine, in its own time.',
    'backup-drill COMMAND --help shows the options of a command.',
  ].join('\n');
}

export function helpOf(command: CommandName): string {
  return commandHelp(command, COMMANDS[command]);
}
