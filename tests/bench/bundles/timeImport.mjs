/** Prints how many milliseconds the import of a module takes in this process, which has done nothing else yet. */
const began = process.hrtime.bigint();
await import(process.argv[2]);
process.stdout.write(String(Number(process.hrtime.bigint() - began) / 1e6));
