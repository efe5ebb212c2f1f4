import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/**
 * Everything that decides what the package holds, besides the policy files; the installed packages stand in the lock
 * file.
 */
const INPUTS = [
  'functions',
  'package-lock.json',
  'package.json',
  'resources',
  'serverless.yml',
  'shared',
  'statemachines',
];
/** Packages of one stage that are kept; a run that began before an edit may still read the one before. */
const KEPT = 3;

/** `serverless package` failed; the message is what it said, without its banner. */
export class PackagingFailed extends Error {
  override readonly name = 'PackagingFailed';
}

/**
 * The directory with the CloudFormation template and the zips of a stage, made by `serverless package` unless one of
 * the same inputs is at hand. Two processes may do this at once: each builds in a directory of its own, and the first
 * to be ready wins. @throws PackagingFailed
 */
export async function packageTemplate(of: {
  stage: string;
  region: string;
  /** Where serverless.yml stands; this project unless told. */
  project?: string;
}): Promise<string> {
  const { stage, region, project = PROJECT } = of;
  const cache = join(project, '.backup-drill', 'package');
  const name = `${stage}-${region}`;
  const result = join(cache, `${name}-${await hashOfInputs(project)}`);
  if (await exists(result)) return result;

  const build = join(cache, `build-${randomUUID()}`);
  try {
    await layOut(project, build);
    await runServerless(build, stage, region);
    await rename(join(build, '.serverless'), result).catch(async (error) => {
      if (!(await exists(result))) throw error;
    });
  } finally {
    await rm(build, { recursive: true, force: true });
  }
  await forgetOlder(cache, name);
  return result;
}

async function inputsOf(project: string): Promise<string[]> {
  const files = await readdir(project);
  return [...INPUTS, ...files.filter((name) => /^policies.*\.ya?ml$/.test(name)).sort()];
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function hashOfInputs(project: string): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const input of await inputsOf(project)) {
    for (const file of await filesBelow(join(project, input))) {
      const content = await readFile(file);
      hash.update(`${relative(project, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The project again, as links, so that the outputs of builds side by side never mix. */
async function layOut(project: string, build: string): Promise<void> {
  await mkdir(build, { recursive: true });
  for (const input of [...(await inputsOf(project)), 'node_modules']) {
    // The framework takes no link for its configuration.
    if (input === 'serverless.yml') await copyFile(join(project, input), join(build, input));
    else await symlink(join(project, input), join(build, input));
  }
}

async function runServerless(build: string, stage: string, region: string): Promise<void> {
  const program = join(PROJECT, 'node_modules', 'serverless', 'bin', 'serverless.js');
  // Its own home and no variables: neither credentials nor settings of the person decide what is packaged.
  const env = { PATH: process.env.PATH, HOME: build };
  const args = [program, 'package', '--stage', stage, '--region', region];
  await new Promise<void>((done, fail) => {
    execFile(process.execPath, args, { cwd: build, env }, (error, stdout, stderr) => {
      if (!error) return done();
      const said = essence(`${stdout}\n${stderr}`).replaceAll(build, '.') || error.message;
      fail(new PackagingFailed(`serverless package failed: ${said}`));
    });
  });
}

/** What follows `Error:`, without the banner after it, in one line. */
function essence(output: string): string {
  const said = /Error:\n?([\s\S]*?)(?:\n?Environment:|$)/.exec(output)?.[1]?.trim();
  return (said || output.trim()).replaceAll(/\s*\n[\s-]*/g, ' ');
}

async function forgetOlder(cache: string, name: string): Promise<void> {
  const mine = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const found = (await readdir(cache)).filter((entry) => mine.test(entry)).map((entry) => join(cache, entry));
  // Another process may be forgetting the same ones.
  const age = async (path: string) => ({
    path,
    at: await stat(path).then(
      (seen) => seen.mtimeMs,
      () => 0,
    ),
  });
  const aged = await Promise.all(found.map(age));
  const old = aged.sort((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
