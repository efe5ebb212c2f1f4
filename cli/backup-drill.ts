#!/usr/bin/env node
import module from 'node:module';

module.enableCompileCache();
const { main } = await import('./main.ts');
const code = await main(process.argv.slice(2));
// What was written is flushed first; what a local account still had in mind for later is not waited for.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
