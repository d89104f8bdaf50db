import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/** As `npm run format` would write it. */
export async function formatted(root: string, path: string, text: string): Promise<string> {
  const filepath = join(root, path);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}
