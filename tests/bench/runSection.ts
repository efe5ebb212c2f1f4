/** A section in a process of its own: told over its channel what it may compare with, answers with its figures. */
import { loadSection } from './sections.ts';

process.once('message', async (known: Record<string, number>) => {
  const section = await loadSection(process.argv[2] ?? '');
  const figures = await section.figures(known);
  // Whatever the section left running ends here.
  process.send?.(figures, () => process.exit(0));
});
